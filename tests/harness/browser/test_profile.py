"""[browser] of the profile is read strictly."""

from __future__ import annotations

import pytest

from pulsegate.harness.errors import ProfileError
from pulsegate.harness.profile import Browser
from pulsegate.harness.target import read_profile


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('page = "chat"', 2, ["[browser] page", "starts with '/'"]),
        ('page = "ftp://127.0.0.1/"', 2, ["[browser] page"]),
        ('send = "#send"', 2, ["[browser] send", "without input"]),
        ('input = "#q"\nready = ""', 3, ["[browser] ready", "must not be empty"]),
        ("connected = true", 2, ["[browser] connected"]),
        ('selector = "#q"', 2, ["[browser] selector", "unknown key"]),
    ],
)
def test_a_wrong_key_is_named_with_its_line(tmp_path, text, line, words):
    """File, line and key, and what it should be."""
    file = tmp_path / "pulsegate.toml"
    file.write_text(f"[browser]\n{text}\n")
    with pytest.raises(ProfileError) as problem:
        read_profile(file)
    message = str(problem.value)
    assert message.startswith(f"{file}:{line}: ")
    for word in words:
        assert word in message


def test_every_key_is_read(tmp_path):
    """The profile holds what docs/browser.md shows; by default there is only the question and the line."""
    file = tmp_path / "pulsegate.toml"
    file.write_text(
        '[browser]\npage = "http://127.0.0.1:1/chat?a=1"\nready = "main"\ninput = "#q"\nsend = "#s"\nmessage = "li"\n'
        'connected = false\ncookie = "auth_token"\nlocal_storage = "token"\n'
    )
    read = read_profile(file).browser
    assert read.model_dump(exclude={"question"}) == {
        "page": "http://127.0.0.1:1/chat?a=1", "ready": "main", "input": "#q", "send": "#s", "message": "li",
        "connected": False, "cookie": "auth_token", "local_storage": "token",
    }  # fmt: skip
    empty = Browser()
    assert {name for name, value in empty.model_dump().items() if value is not None} == {"question", "connected"}
