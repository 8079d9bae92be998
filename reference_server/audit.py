"""The audit log: who was given, made, deleted or refused what, from where and when; one JSON object a line.

Never a token, a secret or the text of a message. Several workers may share the file: each line is one write to
its end.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from time import monotonic
from typing import Any, Literal

import structlog
from starlette.requests import HTTPConnection

from pulsegate.reference_server.heartbeats import rfc3339_now
from pulsegate.reference_server.json_text import to_json
from pulsegate.reference_server.metrics import Metrics

Outcome = Literal["done", "refused"]
Happening = tuple[str, str | None, str | None]

#: Events that a client can cause as fast as it can send, and how many different ones are told apart.
FLOODS = frozenset({"token.refused", "rate.limited", "connections.limited", "origin.refused", "secret.refused"})
FLOOD_EVERY_S = 1.0
MAX_FLOODS = 1000
NAME_LENGTH = 256

logger = structlog.get_logger()


class AuditUnusable(Exception):
    """The audit log cannot be written; the text is one sentence for the user."""


class Audit:
    """Appends to the file at `path`; without one it does nothing. AuditUnusable when it cannot be opened.

    A line that cannot be written later is counted, and the first of them logged: requests go on.
    """

    def __init__(self, path: str, metrics: Metrics) -> None:
        self._metrics = metrics
        self._file = _open(path) if path else None
        self._torn = False
        self._complained = False
        self._floods: OrderedDict[Happening, tuple[float, int]] = OrderedDict()

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    @property
    def enabled(self) -> bool:
        """Whether anything is written at all."""
        return self._file is not None

    def note(self, connection: HTTPConnection, event: str, *, outcome: Outcome = "done", **details: Any) -> None:
        """Write that `event` happened on `connection`; `details` name what it happened to.

        Of the same refusal, of one user at one address, there is a line a second, which says how many came before it.
        """
        if self._file is None:
            return
        user = getattr(connection.state, "user_id", None)
        address = connection.client.host if connection.client else None
        more = self._before((event, user, address)) if event in FLOODS else 0
        if more is None:
            return
        line: dict[str, Any] = {
            "time": rfc3339_now(),
            "event": event,
            "outcome": outcome,
            "user": None if user is None else user[:NAME_LENGTH],
            "address": address,
            "path": connection.scope["path"][:NAME_LENGTH],
            **details,
        }
        self._write(self._file, line if not more else {**line, "unwritten_before": more})

    def _before(self, happening: Happening) -> int | None:
        """How many like it have gone unwritten since the last line; None when this one does, too."""
        now = monotonic()
        written_at, unwritten = self._floods.get(happening, (-FLOOD_EVERY_S, 0))
        if now - written_at < FLOOD_EVERY_S:
            self._floods[happening] = (written_at, unwritten + 1)
            return None
        self._floods[happening] = (now, 0)
        self._floods.move_to_end(happening)
        if len(self._floods) > MAX_FLOODS:
            self._floods.popitem(last=False)
        return unwritten

    def _write(self, file: int, line: dict[str, Any]) -> None:
        text = to_json(line).encode(errors="replace") + b"\n"
        data = b"\n" + text if self._torn else text
        try:
            self._torn = os.write(file, data) < len(data)
        except OSError as problem:
            self._lost(problem.strerror or str(problem))
        else:
            if self._torn:
                self._lost("the line was cut off; the disk may be full")

    def _lost(self, reason: str) -> None:
        self._metrics.count_lost_audit_line()
        if not self._complained:
            self._complained = True
            logger.error("audit log not written", reason=reason, hint="further lost lines are only counted")


def _open(path: str) -> int:
    try:
        return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK, 0o600)
    except OSError as problem:
        raise AuditUnusable(f"--audit-log: {path} cannot be written: {problem.strerror or problem}") from None
