"""What is in force in a block, and how nginx writes times and sizes."""

from __future__ import annotations

import pytest

from pulsegate.harness.proxy.settings import header, is_on, milliseconds, setting, settings, size, value

TEXT = """\
gzip on;
proxy_set_header Host $host;
proxy_set_header Connection close;
location / {
    proxy_pass http://a;
    gzip off;
    location /own { proxy_pass http://a; proxy_set_header connection ""; }
}
"""


@pytest.fixture
def outer(configured):
    """The location around the other."""
    return configured(TEXT).servers[0].named("location")[0]


def test_nearest_setting(outer):
    """A block's own setting goes before that of the blocks around it."""
    inner = outer.named("location")[0]

    assert (setting(outer, "gzip").line, setting(inner, "gzip").line) == (6, 6)
    assert not is_on(inner, "gzip", default=True)
    assert setting(inner, "etag") is None
    assert (value(inner, "etag", "on"), is_on(inner, "etag", default=True)) == ("on", True)


def test_headers_are_inherited_together(outer):
    """Headers are inherited only by a block that sets none itself."""
    inner = outer.named("location")[0]

    assert [directive.args[0] for directive in settings(outer, "proxy_set_header")] == ["Host", "Connection"]
    assert (header(outer, "connection"), header(inner, "Connection"), header(inner, "Host")) == ("close", "", None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("90", 90_000), ("90s", 90_000), ("500ms", 500), ("1m 30s", 90_000), ("1h", 3_600_000), ("1M", 2_592_000_000),
     ("1y", 31_536_000_000), ("", None), ("soon", None), ("5x", None), ("$time", None)],
)  # fmt: skip
def test_milliseconds(text, expected):
    """Times are seconds unless they say otherwise; what is none is None."""
    assert milliseconds(text) == expected


@pytest.mark.parametrize(("text", "expected"), [("0", 0), ("8k", 8192), ("1M", 1048576), ("1g", 1 << 30), ("x", None)])
def test_size(text, expected):
    """Sizes are bytes unless they say otherwise; what is none is None."""
    assert size(text) == expected
