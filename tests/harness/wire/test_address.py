"""Addresses."""

from __future__ import annotations

import pytest

from pulsegate.harness.errors import ConnectFailed
from pulsegate.harness.wire.address import is_loopback, parse_address


@pytest.mark.parametrize(
    ("url", "host", "port", "host_header", "target"),
    [
        ("http://h", "h", 80, "h", "/"),
        ("https://h:443/a?b=c", "h", 443, "h", "/a?b=c"),
        ("https://h:80/", "h", 80, "h:80", "/"),
        ("ws://H.Example:8000/ws", "h.example", 8000, "h.example:8000", "/ws"),
        ("wss://h/ws", "h", 443, "h", "/ws"),
        ("http://[::1]:8000/", "::1", 8000, "[::1]:8000", "/"),
        ("http://[::1]", "::1", 80, "[::1]", "/"),
        ("http://bücher.example/ä?q=ü x", "xn--bcher-kva.example", 80, "xn--bcher-kva.example", "/%C3%A4?q=%C3%BC%20x"),
        ("http://h/a%2Fb?x=%zz&y=[1]{2}", "h", 80, "h", "/a%2Fb?x=%zz&y=[1]%7B2%7D"),
        ("http://h?q#fragment", "h", 80, "h", "/?q"),
    ],
)
def test_a_url_in_the_forms_that_the_wire_wants(url, host, port, host_header, target):
    """Host, port, Host field and request target follow from the URL."""
    address = parse_address(url)

    assert (address.host, address.port) == (host, port)
    assert (address.host_header, address.target) == (host_header, target)


def test_userinfo_is_taken_out_and_decoded():
    """Name and password are no part of the host."""
    address = parse_address("http://us%40er:p:w@h:8/")

    assert (address.host, address.username, address.password) == ("h", "us@er", "p:w")
    assert address.origin == "http://h:8"


@pytest.mark.parametrize(
    "url",
    ["", "h:80", "/path", "ftp://h/", "http://", "http://h:port/", "http://h:70000/", "http://[::1/", "http://ü..x/"],
)
def test_what_is_no_address(url):
    """Anything else is refused with a sentence that shows it."""
    with pytest.raises(ConnectFailed, match="is not a"):
        parse_address(url)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_this_machine(host):
    """Loopback goes by name and by number."""
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["h", "10.0.0.1", "localhost.example", "::2", ""])
def test_other_machines(host):
    """Nothing else is loopback."""
    assert not is_loopback(host)
