"""The target profile and the rules by which a command finds its target."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from pulsegate.harness.errors import ProfileError, UsageError
from pulsegate.harness.profile import Profile
from pulsegate.harness.ready_profiles import profile_text, ready_profiles
from pulsegate.harness.target import Target, read_profile, resolve_target


@pytest.fixture(autouse=True)
def empty_directory(tmp_path, monkeypatch):
    """Each test runs in a directory without a pulsegate.toml."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(text: str) -> Path:
    file = Path("profile.toml")
    file.write_text(text, encoding="utf-8")
    return file


def test_a_url_alone_is_a_target():
    """A URL alone gives the documented backend at that address."""
    target = resolve_target("http://127.0.0.1:8000/", environ={})
    assert target.url == "http://127.0.0.1:8000"
    assert target.profile == Profile()


def test_the_url_replaces_the_one_of_the_profile():
    """--target beside --profile keeps the profile and replaces its address."""
    file = write('[target]\nurl = "http://127.0.0.1:1"\n[timing]\nheartbeat_s = 2\n')
    target = resolve_target("http://127.0.0.1:2", file, environ={})
    assert (target.url, target.profile.timing.heartbeat_s) == ("http://127.0.0.1:2", 2.0)


def test_a_profile_in_the_working_directory_is_found():
    """./pulsegate.toml is used without any flag."""
    Path("pulsegate.toml").write_text('[target]\nurl = "http://127.0.0.1:7"\n')
    target = resolve_target(None, environ={})
    assert (target.url, target.profile_file) == ("http://127.0.0.1:7", Path("pulsegate.toml"))


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        (None, "no target"),
        ("", "--target is empty"),
        ("  ", "--target is empty"),
        ("127.0.0.1:8000", "is not an http:// or https:// address"),
        ("ftp://127.0.0.1", "is not an http:// or https:// address"),
        ("http://127.0.0.1:99999", "Port out of range"),
        ("http://127.0.0.1/?a=1", "must not carry a query"),
    ],
)
def test_a_useless_target_is_wrong_use(url, sentence):
    """An address that cannot be a target is refused in one sentence."""
    with pytest.raises(UsageError, match=sentence.replace("?", r"\?")):
        resolve_target(url, environ={})


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[timing]\nheartbeat = 3\n", 2, ["[timing] heartbeat", "unknown key", "heartbeat_s"]),
        ("\n\n[surface]\nsse = false\n", 3, ["surface", "unknown key", "surfaces"]),
        ("[timing]\n\nheartbeat_s = -1\n", 3, ["[timing] heartbeat_s", "greater than 0", "-1"]),
        ("timing.word_gap_ms = 'x'\n", 1, ["[timing] word_gap_ms", "'x'"]),
        ("[surfaces]\nhealth = 'health'\n", 2, ["[surfaces] health", "starts with '/'"]),
        ("[bands.render]\nexcellent = 1\n", 1, ["[bands.render] good", "required"]),
        ("[bands.x]\nexcellent = 3\ngood = 2\n", 3, ["[bands.x] good", "below excellent", "2"]),
        ("[identities]\nalice = { id = 'a' }\n", 2, ["email", "required"]),
        ('[timing]\nheartbeat_s = "2"\n', 2, ["[timing] heartbeat_s", "a valid number", "'2'"]),
        ("[timing]\nheartbeat_s = true\n", 2, ["[timing] heartbeat_s", "a valid number"]),
        ('[limits]\nbody_bytes = "1024"\n', 2, ["[limits] body_bytes", "a valid integer"]),
        ('[thresholds]\nx = "1"\n', 2, ["[thresholds] x", "a valid number"]),
        ('[thresholds]\nws.connect.max_ms = 1\nsse.connect.p95_ms = "x"\n', 3, ["[thresholds] sse.connect.p95_ms"]),
        ('[target]\ndeterministic = "yes"\n', 2, ["[target] deterministic", "a valid boolean"]),
        ("[require]\nclauses = 3\n", 2, ["[require] clauses: "]),
        ("[timing]\nheartbeat_s =\n", 2, ["not valid TOML", "column 14"]),
        ("[timing]\nheartbeat_s = [\n", 2, ["not valid TOML", "the end of the file"]),
    ],
)
def test_a_bad_profile_names_file_line_and_key(text, line, words):
    """What is wrong with a profile is said with its file, line and key."""
    file = write(text)
    with pytest.raises(ProfileError) as problem:
        read_profile(file)
    message = str(problem.value)
    assert message.startswith(f"profile.toml:{line}: ")
    for word in words:
        assert word in message


def test_a_file_that_is_no_text_is_named():
    """A file that is not text is refused with its name."""
    file = Path("profile.toml")
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ProfileError, match=r"profile\.toml: "):
        read_profile(file)


def test_a_missing_profile_says_how_to_write_one():
    """A profile that is not there points at `pulsegate init`."""
    with pytest.raises(ProfileError, match="pulsegate init"):
        read_profile(Path("absent.toml"))


def test_an_unset_secret_that_the_profile_names_is_wrong_use():
    """A variable that the profile names and nobody set is refused; the default one may be unset."""
    file = write('[target]\nurl = "http://127.0.0.1:1"\n[identities]\njwt_secret_env = "MY_SECRET"\n')
    with pytest.raises(UsageError, match="MY_SECRET, which is not set"):
        resolve_target(None, file, environ={})
    assert resolve_target(None, file, environ={"MY_SECRET": "x"}).url == "http://127.0.0.1:1"


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.9:1", True),
        ("http://localhost", True),
        ("https://[::1]:8443", True),
        ("http://10.0.0.1", False),
        ("http://127.example.invalid", False),
        ("http://localhost.example.invalid", False),
    ],
)
def test_loopback_is_recognised(url, loopback):
    """Only this machine's own addresses count as loopback."""
    assert Target(url=url, profile=Profile()).loopback is loopback


def test_a_surface_is_named_only_when_the_profile_sets_it():
    """A path that equals the default is still the user's own when the profile names it."""
    profile = read_profile(write('[surfaces]\nsse = "/api/copilotkit"\nrt = false\n'))
    assert profile.surfaces.named("sse")
    assert not profile.surfaces.named("health")
    assert profile.surfaces.path("rt") is False


def test_every_shipped_profile_is_valid():
    """Each ready profile, and the template, is read without an error."""
    for name in [*ready_profiles(), "template"]:
        Profile.model_validate(tomllib.loads(profile_text(name)))


def test_the_template_shows_the_defaults():
    """Each commented line of the template that claims a default is the default."""
    kept, optional = [], False
    for line in profile_text("template").splitlines():
        is_key = re.match(r"# [a-z_.]+ = ", line)
        if not is_key:
            optional = "no default" in line or (optional and line.startswith("# ["))
        kept.append(line[2:] if is_key and not optional and "no default" not in line else line)
    shown = tomllib.loads("\n".join(kept))
    shown["target"].pop("url")
    shown["identities"].pop("claims", None)
    defaults = Profile().model_dump()
    for section, values in shown.items():
        for key, value in values.items():
            assert defaults[section][key] == value, f"[{section}] {key}"


@pytest.mark.parametrize(
    "text",
    [
        '[thresholds]\n"sse.connect.p95_ms" = 300\n',
        "[thresholds]\nsse.connect.p95_ms = 300\n",
        "[thresholds.sse.connect]\np95_ms = 300\n",
    ],
)
def test_a_threshold_needs_no_quotes(tmp_path, text):
    """TOML reads a name with dots as tables within tables; they mean the same."""
    file = tmp_path / "pulsegate.toml"
    file.write_text(text)
    assert read_profile(file).thresholds == {"sse.connect.p95_ms": 300.0}
