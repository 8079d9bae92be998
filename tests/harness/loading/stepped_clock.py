"""Put on the path as ``sitecustomize``: all Python processes of a run see the clock step at the same moment.

The step in seconds stands in the file that STEPPED_CLOCK names, as one double, and is added to everything that tells
the time of day: ``time.time``, ``time.time_ns``, and the kernel's receive stamps. The monotonic clock goes on.
"""

from __future__ import annotations

import _socket
import mmap
import os
import socket
import struct
import time
from pathlib import Path

with Path(os.environ["STEPPED_CLOCK"]).open("rb") as _file:
    _shared = mmap.mmap(_file.fileno(), 8, access=mmap.ACCESS_READ)

_time, _time_ns, _recvmsg = time.time, time.time_ns, _socket.socket.recvmsg
_STAMP, _TIMESPEC = 35, struct.Struct("@ll")


def _step_s() -> float:
    return float(struct.unpack("d", _shared[:8])[0])


def _stepped_recvmsg(self, *arguments):
    data, ancillary, flags, address = _recvmsg(self, *arguments)
    return data, [(level, kind, _stepped(kind, held)) for level, kind, held in ancillary], flags, address


def _stepped(kind: int, held: bytes) -> bytes:
    if kind != _STAMP:
        return held
    seconds, nanoseconds = _TIMESPEC.unpack_from(held)
    return _TIMESPEC.pack(seconds + int(_step_s()), nanoseconds)


time.time = lambda: _time() + _step_s()
time.time_ns = lambda: _time_ns() + int(_step_s() * 1e9)
socket.socket.recvmsg = _stepped_recvmsg
