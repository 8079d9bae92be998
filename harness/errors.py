"""One exception tree; the class decides the exit code.

PulsegateError                  70  a defect of Pulsegate itself
    UsageError                   2  wrong flags, configuration or input
        ProfileError             2  the target profile, with file, line and key
        RecordError              2  a run record that cannot be read
    CouldNotMeasure              3  nothing wrong with the input, but no measurement either
        TargetUnreachable        3  nobody answers at the target's address
        ToolMissing              3  a program this command needs is not installed
        ServerStartError         3  the embedded reference server did not start
    PeerError                    -  the other side broke a protocol or left; callers turn it into a result
        ConnectFailed            -  no connection: refused, unresolved, timed out, certificate
        ProtocolViolation        -  bytes that the protocol does not allow
            LineTooLong          -  an SSE line over the limit
        StreamEnded              -  the stream ended while more was awaited
        TimedOut                 -  nothing arrived in the time allowed
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What a command's exit code means; the same for every command."""

    HELD = 0
    BROKEN = 1
    USAGE = 2
    NOT_MEASURED = 3
    INTERNAL = 70
    INTERRUPTED = 130


class PulsegateError(Exception):
    """Base of everything Pulsegate raises on purpose; its text is one sentence for the user."""

    exit_code = ExitCode.INTERNAL


class UsageError(PulsegateError):
    """Wrong flags, configuration or input."""

    exit_code = ExitCode.USAGE


class ProfileError(UsageError):
    """The target profile is wrong; the text names file, line and key."""


class RecordError(UsageError):
    """A run record cannot be read; the text names the file and the place."""


class CouldNotMeasure(PulsegateError):
    """Nothing is wrong with the input, but nothing could be measured."""

    exit_code = ExitCode.NOT_MEASURED


class TargetUnreachable(CouldNotMeasure):
    """Nobody answers at the target's address."""


class ToolMissing(CouldNotMeasure):
    """A program that this command needs is not installed."""


class ServerStartError(CouldNotMeasure):
    """The embedded reference server did not start."""


class PeerError(PulsegateError):
    """The other side broke a protocol or left."""


class ConnectFailed(PeerError):
    """No connection: refused, unresolved, timed out, or the certificate was not accepted."""


class ProtocolViolation(PeerError):
    """The other side sent bytes that the protocol does not allow."""


class LineTooLong(ProtocolViolation):
    """A line of an event stream is longer than the limit."""


class StreamEnded(PeerError):
    """The stream ended while more was awaited."""


class TimedOut(PeerError):
    """Nothing arrived in the time allowed."""
