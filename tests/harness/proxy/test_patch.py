"""Repairs are small: the lines they mean change, and every other byte stays."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pulsegate.harness.proxy.configuration import read_configuration
from pulsegate.harness.proxy.patch import (
    Fix,
    add_after,
    add_inside,
    apply_fixes,
    edited,
    put,
    put_headers,
    remove,
    replace,
)


def one(configuration, name: str):
    """The first directive of that name."""
    return next(directive for directive in configuration.walk() if directive.name == name)


def after(configuration, *changes) -> str:
    """The main file's text with `changes`."""
    return edited(configuration.texts[configuration.path], changes)


LOCATION = "location / {\n\tproxy_pass http://a; # the application\n\n\t# last words\n}\n"


def test_add_inside(configured):
    """An added directive follows the last one, indented as that is, after its comment."""
    read = configured(LOCATION)

    assert after(read, add_inside(one(read, "location"), "gzip off;")) == LOCATION.replace(
        "application\n", "application\n\tgzip off;\n"
    )


def test_add_to_one_line(configured):
    """Where a block is on one line, it stays there."""
    read = configured("location / { proxy_pass http://a; } # all\n")

    assert (
        after(read, add_inside(one(read, "location"), "gzip off;"))
        == "location / { proxy_pass http://a; gzip off; } # all\n"
    )


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("events {\n}\n", "events {\n    worker_connections 9;\n}\n"),
        ("events {}\n", "events { worker_connections 9;}\n"),
        ("events\n{\n}\n", "events\n{\n    worker_connections 9;\n}\n"),
    ],
)
def test_add_to_an_empty_block(configured, before, expected):
    """An empty block gets its first directive."""
    rest = "http { server { location / { proxy_pass http://a; } } }\n"
    read = configured(before + rest)

    assert after(read, add_inside(one(read, "events"), "worker_connections 9;")) == expected + rest


def test_add_without_a_block_around(configured):
    """Directives of a location without the location itself get further ones at their end."""
    read = configured("proxy_pass http://a;\n# end")

    assert (
        after(read, add_inside(read.servers[0].named("location")[0], "gzip off;"))
        == "proxy_pass http://a;\ngzip off;\n# end"
    )


def test_add_after_a_block(configured):
    """A block follows a block, with the file's own indentation and line ends."""
    read = configured("server {\r\n\tlocation / {\r\n\t\tproxy_pass http://a;\r\n\t}\r\n}\r\n")

    text = after(read, add_after(one(read, "location"), "", "location /b {", "    gzip off;", "}"))

    assert text == (
        "server {\r\n\tlocation / {\r\n\t\tproxy_pass http://a;\r\n\t}\r\n"
        "\r\n\tlocation /b {\r\n\t\tgzip off;\r\n\t}\r\n}\r\n"
    )


def test_replace(configured):
    """Only the directive changes; of a block, only what stands before its brace."""
    read = configured(LOCATION)

    changes = [
        replace(one(read, "proxy_pass"), "proxy_pass http://b;"),
        replace(one(read, "location"), "location ^~ /"),
    ]

    assert after(read, *changes) == LOCATION.replace("//a", "//b").replace("location /", "location ^~ /")


def test_remove(configured):
    """A line goes with its directive, unless something else is on it."""
    read = configured("location / {\n  proxy_pass http://a;\n  gzip on;\n  etag off; # why\n}\n")

    text = after(read, remove(one(read, "gzip")), remove(one(read, "etag")))

    assert text == "location / {\n  proxy_pass http://a;\n   # why\n}\n"


def test_put(configured):
    """A setting is changed where the block has it, and added where it is inherited."""
    read = configured("gzip on;\nlocation / {\n  proxy_pass http://a;\n  etag off;\n}\n")
    location = one(read, "location")

    assert after(read, put(location, "etag", "on"), put(location, "gzip", "off")) == (
        "gzip on;\nlocation / {\n  proxy_pass http://a;\n  etag on;\n  gzip off;\n}\n"
    )


def test_put_headers_keeps_inherited_ones(configured):
    """A location that sets its first header repeats those it no longer inherits."""
    read = configured(
        "proxy_set_header Host $host;\nproxy_set_header Connection close;\nlocation / {\n  proxy_pass http://a;\n}\n"
    )

    text = after(read, *put_headers(one(read, "location"), {"Connection": '""'}))

    assert text.endswith('http://a;\n  proxy_set_header Host $host;\n  proxy_set_header Connection "";\n}\n')


def test_put_headers_changes_its_own(configured):
    """A header that the location sets is changed in its line."""
    read = configured("location / {\n  proxy_pass http://a;\n  proxy_set_header connection close;\n}\n")

    assert 'http://a;\n  proxy_set_header Connection "";\n}' in after(
        read, *put_headers(one(read, "location"), {"Connection": '""'})
    )


def test_same_change_twice(configured, tmp_path):
    """Two fixes that ask for the same change get it once."""
    read = configured(LOCATION)
    fix = Fix((add_inside(one(read, "location"), "gzip off;"),))

    repaired = apply_fixes(read, [fix, fix], tmp_path / "out")

    assert repaired.path.read_text().count("gzip off;") == 1


def test_copy_of_many_files(large, tmp_path):
    """The copy has the layout of the original, which stays as it was; the diff names the one file that changed."""
    read = read_configuration(large)
    before = {file: file.read_bytes() for file in read.texts}
    buffering = one(read, "proxy_buffering")

    repaired = apply_fixes(read, [Fix((replace(buffering, "proxy_buffering on;"),))], tmp_path / "out")

    assert {file: file.read_bytes() for file in read.texts} == before
    assert repaired.path == tmp_path / "out/nginx.conf"
    changed = [file for file, content in before.items()
               if (tmp_path / "out" / file.relative_to(large.parent)).read_bytes() != content]  # fmt: skip
    assert changed == [large.parent / "conf.d/50-chat.conf"]
    assert read_configuration(repaired.path).http.walk()
    assert repaired.diff.splitlines()[:2] == ["--- a/conf.d/50-chat.conf", "+++ b/conf.d/50-chat.conf"]


def test_diff_is_a_patch(large, tmp_path):
    """The diff, applied by git to the original, gives the copy."""
    read = read_configuration(large)
    fixes = [Fix((replace(one(read, "proxy_buffering"), "proxy_buffering on;"), remove(one(read, "sendfile"))))]
    repaired = apply_fixes(read, fixes, tmp_path / "out")

    subprocess.run(
        ["git", "apply", "--unsafe-paths", "-"], input=repaired.diff, text=True, cwd=large.parent, check=True
    )

    assert {file: file.read_text() for file in read.texts} == {
        file: (tmp_path / "out" / file.relative_to(large.parent)).read_text() for file in read.texts
    }


def test_file_included_by_an_absolute_path(configured, tmp_path):
    """A changed file from elsewhere is copied too, and the copy is what is included."""
    far = tmp_path / "far/gzip.conf"
    far.parent.mkdir()
    far.write_text("gzip on;\n")
    read = configured(f"location / {{ proxy_pass http://a; include {far}; }}\n", name="near/site.conf")

    repaired = apply_fixes(read, [Fix((replace(one(read, "gzip"), "gzip off;"),))], tmp_path / "out")

    again = read_configuration(repaired.path)
    assert one(again, "gzip").args == ("off",)
    assert Path(one(again, "include").args[0]).is_relative_to(tmp_path / "out")
    assert far.read_text() == "gzip on;\n"


def test_text_without_a_line_end(configured, tmp_path):
    """A file that ends without a line end still does, and the diff says so."""
    read = configured("location / {\n  proxy_pass http://a;\n  gzip on;\n}")

    repaired = apply_fixes(read, [Fix((remove(one(read, "gzip")),))], tmp_path / "out")

    assert repaired.path.read_text() == "location / {\n  proxy_pass http://a;\n}"
    assert "\\ No newline at end of file" in repaired.diff


def test_said_for_people(configured):
    """A change says in a line what it does, and where."""
    read = configured(LOCATION)

    assert str(Fix((remove(one(read, "proxy_pass")),))).endswith("nginx.conf:2: take this line out")
