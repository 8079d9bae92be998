"""Receive stamps: when the kernel got the bytes, however late they are read.

Linux attaches a time to what ``recvmsg`` returns when SO_TIMESTAMPNS is set. It is the time of the
LAST segment queued. Elsewhere the time of the read stands in for it, and the arrival says so.
"""

from __future__ import annotations

import socket
import struct
import sys
import time
from functools import lru_cache

from pulsegate.harness.timing.arrival import Arrival, Read

#: Linux: the option, and the type of the ancillary message that it yields (asm-generic/socket.h).
SO_TIMESTAMPNS = 35
_TIMESPEC = struct.Struct("@ll")
_ANCILLARY_SIZE = 64
#: How often, a millisecond apart, it is tried whether stamping has begun.
_MOST_PROBES = 100
#: How much one read takes at most, in bytes.
READ_SIZE = 65_536


def enable_stamps(sock: socket.socket) -> bool:
    """Ask the kernel to stamp what `sock` receives from now on; False where it cannot."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        keep_stamping()
        sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    except OSError:
        return False
    return True


@lru_cache(maxsize=1)
def keep_stamping() -> int:
    """Have the kernel stamp for as long as this process lives; returns the descriptor that is kept.

    It stamps only while some socket of the machine asks for it, and begins from a work queue:
    measured on two busy cores, a third of the first reads of short connections came without a stamp.
    So one idle connection asks all the time, and proves once that stamping has begun. Called by
    `enable_stamps`; a world that may not wait there calls it before.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sender = socket.create_connection(listener.getsockname())
        keeper, _ = listener.accept()
    with sender, keeper:
        keeper.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        for _ in range(_MOST_PROBES):
            sender.send(b".")
            if keeper.recvmsg(1, _ANCILLARY_SIZE)[1]:
                break
            time.sleep(0.001)
        return keeper.detach()


def receive(sock: socket.socket, previous_ns: int, size: int = READ_SIZE) -> tuple[Read, int]:
    """Read once from the non-blocking `sock`: the read, whose ``data`` is empty at the end of the stream, and
    the `previous_ns` of the next one.

    No byte of this read came before `previous_ns`: when `sock` was last asked and gave all it had, or was
    connected. Raises what ``recvmsg`` raises: BlockingIOError when nothing is there, or OSError.
    """
    asked_ns = time.time_ns()
    data, ancillary, _, _ = sock.recvmsg(size, _ANCILLARY_SIZE)
    read_at_ns = time.time_ns()
    if ancillary and ancillary[0][1] == SO_TIMESTAMPNS:  # nothing else was asked for
        seconds, nanoseconds = _TIMESPEC.unpack_from(ancillary[0][2])
        at_ns, kernel = seconds * 1_000_000_000 + nanoseconds, True
        # a segment can be stamped before, and queued after, the read that found nothing
        previous_ns = min(previous_ns, at_ns)
    else:
        at_ns, kernel = read_at_ns, False
    # a read that was filled may have left bytes behind that arrived before it
    next_ns = previous_ns if len(data) >= size else asked_ns
    return Read(data, Arrival(at_ns, read_at_ns, previous_ns, kernel)), next_ns
