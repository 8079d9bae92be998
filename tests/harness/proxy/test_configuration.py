"""What is read from an nginx configuration, and what is refused, where."""

from __future__ import annotations

from pathlib import Path

import pytest

from pulsegate.harness.errors import UsageError
from pulsegate.harness.proxy.configuration import read_configuration

LOCATION = "location /api/ {\n    proxy_pass http://backend:8000;\n}\n"
WHOLE = "events {}\nhttp {\n    include sites/*.conf;\n}\n"


def test_whole_configuration(configured):
    """A whole nginx.conf is read as it stands, and every directive knows its line."""
    read = configured("events {}\nhttp {\n  server {\n    location / {\n      proxy_pass http://a;\n    }\n  }\n}\n")

    assert read.level == "main"
    passed = next(directive for directive in read.walk() if directive.name == "proxy_pass")
    assert (passed.args, passed.line, passed.parent.name) == (("http://a",), 5, "location")
    assert [block.name for block in passed.around()] == ["location", "server", "http", "main"]


@pytest.mark.parametrize(
    ("text", "level"),
    [
        (f"server {{\n{LOCATION}}}\n", "http"),
        (f"upstream backend {{ server a; }}\nserver {{\n{LOCATION}}}\n", "http"),
        (LOCATION, "server"),
        (f"listen 81;\n{LOCATION}", "server"),
        ("proxy_pass http://backend;\nproxy_buffering off;\n", "location"),
    ],
)
def test_part(configured, text, level):
    """A part of a configuration gets what it lacks thought around it."""
    read = configured(text)

    assert read.level == level
    (server,) = read.servers
    (location,) = server.named("location")
    assert location.named("proxy_pass")


def test_part_with_upstream_beside_location(configured):
    """A map or an upstream beside a location, as documentation shows them, goes into http."""
    read = configured(f"upstream backend {{\n  server a:8000;\n}}\n\n{LOCATION}")

    assert list(read.upstreams) == ["backend"]
    assert read.servers[0].named("location")[0].line == 5


def test_parts_that_do_not_belong_together(configured):
    """A server beside a location is refused, with the place."""
    with pytest.raises(UsageError, match=r'nginx\.conf:1: "server" does not belong'):
        configured(f"server {{ listen 80; }}\n{LOCATION}")


def test_includes(configured):
    """What includes bring is in force where they stand, in the order of the names, with file and line."""
    read = configured(
        WHOLE, {"sites/b.conf": f"server {{\n{LOCATION}}}\n", "sites/a.conf": "\nserver { listen 81; }\n"}
    )

    assert [(server.file.name, server.line) for server in read.servers] == [("a.conf", 2), ("b.conf", 1)]


def test_one_file_included_twice(configured):
    """A file that several blocks include is in force in each of them."""
    text = "location /a/ { proxy_pass http://a; include b; }\nlocation /c/ { proxy_pass http://a; include b; }\n"

    read = configured(text, {"b": "proxy_buffering off;\n"})

    buffering = [directive for directive in read.walk() if directive.name == "proxy_buffering"]
    assert [directive.parent.args for directive in buffering] == [("/a/",), ("/c/",)]


def test_installed_path_is_found_beside_a_copy(configured):
    """A copied configuration finds its own files where it still says /etc/nginx."""
    text = "events {}\nhttp { include /etc/nginx/pulsegate-sites/*.conf; }\n"

    read = configured(text, {"pulsegate-sites/a.conf": f"server {{ {LOCATION} }}"})

    assert read.servers[0].file.name == "a.conf"


def test_part_finds_includes_in_folders_above(configured):
    """A site's file includes what stands beside the nginx.conf that it is not."""
    read = configured(f"server {{ include snip.conf; {LOCATION} }}", {"snip.conf": "gzip on;\n"}, "sites-enabled/site")

    assert read.servers[0].named("gzip")


def test_windows_line_ends(configured):
    """Line ends of Windows change neither words nor lines."""
    read = configured("location / {\r\n  # note\r\n  proxy_pass 'http://a';\r\n}\r\n")

    passed = next(directive for directive in read.walk() if directive.name == "proxy_pass")
    assert (passed.args, passed.line) == (("http://a",), 3)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("location / {\n  proxy_pass http://a;\n", r':2: unexpected end of file, expecting "}"'),
        ("location / {\n  proxy_pass http://a;\n}\n}\n", r':4: unexpected "}"'),
        ("location / {\n  proxy_pass http://a\n}\n", r':2: directive "proxy_pass" is not terminated by ";"'),
        (
            "location / {\n  proxy_pass http://a\n  proxy_buffering off;\n}\n",
            r':2: directive "proxy_pass" is not terminated by ";"',
        ),
        ("location / {\n  proxy_pass http://a;;\n}\n", r':2: unexpected ";"'),
        ("location / { proxy_pass http://a; }\nlisten", r":2: unexpected end of file"),
        ("location / { proxy_pass 'http://a; }\n", r":1: unexpected end of file"),
        ("location / { root /srv; }\n", r": no location in it passes requests on"),
        ("", r": no location in it passes requests on"),
        ("events {}\n", r": there is no http block"),
        ("events {}\nhttp { proxy_pass http://a; }\n", r": no location in it passes requests on"),
        ("events {}\nhttp { include gone.conf; }\n", r":2: includes 'gone\.conf', and there is no such file"),
    ],
)
def test_refused(configured, text, said):
    """What cannot be read is refused in one sentence with file and line."""
    with pytest.raises(UsageError, match=rf"nginx\.conf{said}"):
        configured(text)


def test_syntax_error_in_an_included_file(configured):
    """A mistake in an included file is placed there."""
    with pytest.raises(UsageError, match=r"b\.conf:2: "):
        configured(WHOLE, {"sites/b.conf": "server {\n  listen\n}\n"})


def test_include_of_itself(configured):
    """A file that includes itself is refused instead of read for ever."""
    with pytest.raises(UsageError, match="probably of itself"):
        configured("location / {\n  proxy_pass http://a;\n  include loop;\n}\n", {"loop": "include loop;\n"})


def test_missing_file(tmp_path: Path):
    """A file that is not there is named."""
    with pytest.raises(UsageError, match=r"gone\.conf: cannot be read: No such file"):
        read_configuration(tmp_path / "gone.conf")


def test_not_text(tmp_path: Path):
    """A file that is no text is named."""
    (tmp_path / "binary.conf").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(UsageError, match=r"binary\.conf: not text in UTF-8"):
        read_configuration(tmp_path / "binary.conf")


def test_folder_in_place_of_a_file(tmp_path: Path):
    """A folder is refused like any file that cannot be read."""
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        read_configuration(tmp_path)
