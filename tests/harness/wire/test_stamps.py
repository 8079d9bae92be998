"""Receive stamps on real loopback sockets."""

from __future__ import annotations

import socket
import sys
import time

import pytest

from pulsegate.harness.wire.stamps import enable_stamps, receive


@pytest.fixture
def pair():
    """Two ends of a TCP connection on loopback; the second does not block."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sender = socket.create_connection(listener.getsockname())
        receiver, _ = listener.accept()
    receiver.setblocking(False)
    with sender, receiver:
        yield sender, receiver


def wait_for_data(receiver: socket.socket) -> None:
    """Wait until the kernel has something, without reading it."""
    receiver.settimeout(5)
    receiver.recv(1, socket.MSG_PEEK)
    receiver.setblocking(False)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="kernel stamps are Linux's")
def test_the_stamp_is_the_arrival_however_late_the_read(pair):
    """Bytes that lay in the kernel carry the time at which they came, not that of the read."""
    sender, receiver = pair
    assert enable_stamps(receiver)
    before_ns = time.time_ns()
    sender.sendall(b"hello")
    wait_for_data(receiver)
    arrived_by_ns = time.time_ns()
    while time.time_ns() < arrived_by_ns + 20_000_000:
        pass
    read, _ = receive(receiver, before_ns)

    assert read.data == b"hello"
    assert read.arrival.kernel
    assert read.arrival.previous_ns <= before_ns
    assert before_ns <= read.arrival.at_ns <= arrived_by_ns
    assert read.arrival.lag_ns >= 20_000_000
    assert read.arrival.late


def test_without_stamps_the_read_itself_is_the_time(pair):
    """Where stamps were not enabled the arrival is that of the read, and says so."""
    sender, receiver = pair
    sender.sendall(b"hello")
    wait_for_data(receiver)
    previous_ns = time.time_ns()
    read, _ = receive(receiver, previous_ns)

    assert not read.arrival.kernel
    assert read.arrival.at_ns == read.arrival.read_at_ns >= previous_ns
    assert read.arrival.previous_ns == previous_ns


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="kernel stamps are Linux's")
def test_the_first_read_of_every_connection_is_stamped():
    """Short connections one after the other have their stamps from the first read on."""
    for _ in range(50):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            sender = socket.create_connection(listener.getsockname())
            receiver, _ = listener.accept()
        with sender, receiver:
            assert enable_stamps(receiver)
            sender.sendall(b"x")
            wait_for_data(receiver)
            assert receive(receiver, 0)[0].arrival.kernel


def test_stamps_are_refused_where_the_platform_has_none(pair, monkeypatch):
    """On another platform nothing is enabled and nothing fails."""
    monkeypatch.setattr(sys, "platform", "darwin")

    assert not enable_stamps(pair[1])


def test_the_end_is_an_empty_read(pair):
    """After the peer ended its direction, a read has no bytes."""
    sender, receiver = pair
    enable_stamps(receiver)
    sender.shutdown(socket.SHUT_WR)
    receiver.settimeout(5)

    assert receive(receiver, 0)[0].data == b""


def test_nothing_there_raises_as_the_socket_does(pair):
    """A socket without bytes raises BlockingIOError."""
    with pytest.raises(BlockingIOError):
        receive(pair[1], 0)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="kernel stamps are Linux's")
def test_a_stamp_before_the_last_read_moves_the_bound(pair):
    """previous_ns is never after the stamp: a segment may be stamped before the read that missed it."""
    sender, receiver = pair
    enable_stamps(receiver)
    sender.sendall(b"hello")
    wait_for_data(receiver)
    read, _ = receive(receiver, time.time_ns() + 1_000_000_000)

    assert read.arrival.previous_ns == read.arrival.at_ns


def test_a_read_that_was_not_filled_found_the_socket_empty(pair):
    """Nothing of the next read came before this one was begun; what comes while it returns may be in the next."""
    sender, receiver = pair
    sender.sendall(b"abc")
    wait_for_data(receiver)
    began_ns = time.time_ns()
    read, next_ns = receive(receiver, 10, size=4)

    assert began_ns <= next_ns <= read.arrival.read_at_ns


def test_a_filled_read_leaves_the_bound_where_it_was(pair):
    """What a filled read left behind may have come before it."""
    sender, receiver = pair
    sender.sendall(b"abcd")
    wait_for_data(receiver)

    assert receive(receiver, 10, size=4)[1] == 10
