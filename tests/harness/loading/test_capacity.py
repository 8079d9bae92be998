"""Whether this machine can hold what is planned."""

from __future__ import annotations

import socket

import pytest

from pulsegate.harness.errors import CouldNotMeasure, UsageError
from pulsegate.harness.loading.capacity import check_descriptors, check_port, source_addresses, spread


def test_too_few_descriptors_are_said_with_the_remedy():
    """The sentence has the need, the limit, and how many workers would do."""
    with pytest.raises(CouldNotMeasure, match=r"20,000 connections in 1 worker need 20,100 .* 20,000: use --workers 2"):
        check_descriptors(20_000, 1, 20_000)


def test_enough_descriptors_are_no_matter():
    """Just as many as are needed will do."""
    check_descriptors(20_000, 1, 20_100)
    check_descriptors(20_000, 2, 10_100)


@pytest.mark.parametrize(
    ("connections", "addresses"),
    [(100, ()), (101, ("127.0.1.1", "127.0.1.2")), (300, ("127.0.1.1", "127.0.1.2", "127.0.1.3"))],
)
def test_loopback_has_addresses_to_spare(connections, addresses):
    """Beyond one address's ports, connections come from several of 127.0.0.0/8."""
    assert source_addresses(connections, "127.0.0.1", 100) == addresses


def test_elsewhere_more_machines_are_needed():
    """No address can be made up towards another machine."""
    with pytest.raises(CouldNotMeasure, match="--master and --worker"):
        source_addresses(101, "192.0.2.1", 100)


def test_workers_share_the_addresses_out():
    """Each worker has addresses of its own where there are enough, else all have all."""
    assert spread(("a", "b", "c"), 0, 2) == ("a", "c")
    assert spread(("a", "b", "c"), 1, 2) == ("b",)
    assert spread(("a",), 1, 2) == ("a",)


def test_a_taken_port_is_named_with_its_option():
    """Who asked for the port is told before anything starts."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"^--web-ui {port}: Address already in use$"):
            check_port("--web-ui", "127.0.0.1", port)
    check_port("--web-ui", "127.0.0.1", port)
