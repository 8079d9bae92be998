"""`pulsegate proxy` with input that cannot be used: exit code 2 and one sentence, before anything is started."""

from __future__ import annotations

import pytest

GOOD = "location /api/ { proxy_pass http://app:8000; }\n"


def refused(result, *words):
    assert result.returncode == 2, result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    for word in words:
        assert word in result.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("location /api/ { proxy_pass http://app:8000 }\n", ("site.conf:1", "proxy_pass")),
        ("include nowhere.conf;\n" + GOOD, ("site.conf:1", "nowhere.conf")),
        ("location / { return 200; }\n", ("site.conf", "proxy_pass")),
    ],
)
def test_a_configuration_that_cannot_be_used_is_named_with_its_line(pulsegate, tmp_path, text, words):
    """A syntax error, a missing include, and nothing that is proxied."""
    (tmp_path / "site.conf").write_text(text)
    refused(pulsegate("proxy", "site.conf", "--reference"), *words)


def test_a_file_that_is_not_there_is_named(pulsegate):
    """A mistyped path."""
    refused(pulsegate("proxy", "absent.conf", "--reference"), "absent.conf")


def test_the_same_name_twice_is_refused(pulsegate, tmp_path):
    """Two configurations could not be told apart in the report."""
    (tmp_path / "site.conf").write_text(GOOD)
    refused(pulsegate("proxy", "site.conf", "site.conf", "site.conf", "--reference"), "site.conf", "twice")


@pytest.mark.needs("nginx")
def test_what_nginx_rejects_is_told_in_its_own_words(pulsegate, tmp_path):
    """The sentence of nginx, at the line of the user's own file."""
    (tmp_path / "site.conf").write_text(
        "location /api/ {\n    proxy_pass http://app:8000;\n    proxy_bufering off;\n}\n"
    )
    refused(pulsegate("proxy", "site.conf", "--reference"), "site.conf:3", "proxy_bufering")
