"""Wrong use: one sentence on standard error, exit code 2, no traceback."""

from __future__ import annotations

import socket

import pytest


def assert_refused(result, *words: str) -> None:
    assert result.returncode == 2, result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    for word in words:
        assert word in result.stderr


def test_without_a_target_it_says_how_to_give_one(pulsegate):
    """No target is wrong use, with a hint."""
    assert_refused(pulsegate("check"), "--target URL", "pulsegate init")


def test_an_empty_target_is_wrong_use(pulsegate):
    """An empty --target, as an unset variable in a CI file gives, is refused."""
    assert_refused(pulsegate("check", "--target", ""), "--target is empty")


def test_a_bad_profile_names_file_line_and_key(pulsegate, tmp_path):
    """A wrong key is named with its file and line."""
    (tmp_path / "p.toml").write_text('[target]\nurl = "http://127.0.0.1:1"\n[timing]\nhartbeat_s = 1\n')
    assert_refused(pulsegate("check", "--profile", "p.toml"), "p.toml:4", "[timing] hartbeat_s", "heartbeat_s")


def test_an_unknown_clause_of_the_profile_is_named_with_its_line(pulsegate, tmp_path):
    """An accepted or required clause that does not exist is found by file, line and section."""
    head = '[target]\nurl = "http://127.0.0.1:1"\n'
    (tmp_path / "p.toml").write_text(f'{head}[accepted]\n"SSE-1" = "x"\n"SSE-99" = "y"\n')
    assert_refused(pulsegate("check", "--profile", "p.toml"), "p.toml:5: [accepted]: there is no clause 'SSE-99'")
    (tmp_path / "p.toml").write_text(f'{head}[require]\nclauses = ["SSE-99"]\n')
    assert_refused(pulsegate("check", "--profile", "p.toml"), "p.toml:4: [require] clauses: there is no clause")


def test_a_profile_that_lies_there_for_another_server_is_told(pulsegate, tmp_path):
    """A ./pulsegate.toml about another address than --target names is used, with a warning; a named one without."""
    (tmp_path / "pulsegate.toml").write_text('[target]\nurl = "http://127.0.0.1:1"\n')
    found = pulsegate("check", "--target", "http://127.0.0.1:2")
    assert "it is about http://127.0.0.1:1, not http://127.0.0.1:2" in found.stdout
    for named in (("--profile", "pulsegate.toml", "--target", "http://127.0.0.1:2"), ()):
        assert "it is about" not in pulsegate("check", *named).stdout


def test_an_unset_secret_is_wrong_use(pulsegate, tmp_path):
    """A profile that names a variable which nobody set is refused."""
    (tmp_path / "pulsegate.toml").write_text(
        '[target]\nurl = "http://127.0.0.1:1"\n[identities]\njwt_secret_env = "SECRET_OF_MINE"\n'
    )
    assert_refused(pulsegate("check"), "SECRET_OF_MINE", "not set")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--select", "SSE-999"), "SSE-999"),
        (("--skip", "nonsense"), "nonsense"),
        (("--surface", "ssse"), "ssse"),
        (("--wait", "soon"), "--wait 'soon'"),
        (("--timeout", "0"), "--timeout '0'"),
        (("--connect-timeout", "0s"), "--connect-timeout '0s'"),
        (("--header", "no colon"), "--header"),
        (("--header", "A: b\r\nC: d"), "--header"),
        (("--ca-file", "absent.pem"), "absent.pem"),
        (("--repeat", "0"), "--repeat"),
        (("--level", "strict"), "--level"),
        (("--reference",), "exclude each other"),
        (("--heartbeat", "-1"), "--heartbeat"),
        (("--nonsense",), "--nonsense"),
    ],
)
def test_a_wrong_flag_is_named(pulsegate, arguments, word):
    """Each wrong value is refused before anything is sent, and the message names it."""
    assert_refused(pulsegate("check", "--target", "http://127.0.0.1:1", *arguments), word)


def test_a_directory_that_cannot_be_written_is_named(pulsegate, tmp_path):
    """An unusable --output is refused before anything is measured."""
    (tmp_path / "file").write_text("")
    assert_refused(pulsegate("check", "--target", "http://127.0.0.1:1", "--output", "file/run"), "file/run")


def test_nobody_listening_is_not_measured(pulsegate):
    """A port where nothing listens gives exit code 3 and one sentence."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        result = pulsegate("check", "--target", url)
    assert result.returncode == 3
    [line] = result.stderr.strip().splitlines()
    assert url in line
    assert "refused" in line


def test_a_foreign_target_is_not_loaded_without_yes(pulsegate):
    """A load of another machine needs --yes where nobody can be asked; nothing is sent before."""
    result = pulsegate("gate", "--target", "http://pulsegate.invalid")
    assert_refused(result, "pulsegate.invalid", "200 event streams", "--yes")
