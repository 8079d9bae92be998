"""A user that is a whole session of agents: several WebSockets in one room that talk to each other."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Any, ClassVar

import gevent
from locust.env import Environment

from pulsegate.harness.load.route import Route
from pulsegate.harness.load.socket import Socket
from pulsegate.harness.load.websocket_user import WebSocketUser
from pulsegate.harness.timing.arrival import Arrival

#: How long a copy may take before it counts as lost, in seconds.
LATEST_S = 10.0


@dataclass(slots=True)
class Update:
    """One state update: when it was sent, to how many, and who has not had it yet."""

    sent_ns: int
    copies: int
    missing: set[Socket]


class AgentsUser(WebSocketUser):
    """A session of `connections_per_user` agents, each in turn sending a state update to all others.

    Measures the fan-out: how long each copy takes (``ws.fan_out``), and what share of a message's copies
    arrives (``ws.reach``). All agents of a room live in one process, so their clocks are one.
    """

    abstract = True
    connections_per_user = 5
    #: State updates per second of one session.
    update_rate: ClassVar[float] = 2.0

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self.room = f"pulsegate-{uuid.uuid4().hex}"
        self._random = Random(f"{self.session.job.seed}:{self.session.next_user()}")  # noqa: S311 - no secret
        self._fan_out = self.recorder.series(f"{self.figures}.fan_out")
        self._reach = self.recorder.series(f"{self.figures}.reach")
        self._sent: dict[str, Update] = {}

    @property
    def room_path(self) -> str:
        """The path of the room."""
        path = self.path or str(self.recorder.profile.surfaces.path(self.surface))
        return f"{path}{'&' if '?' in path else '?'}sessionId={self.room}"

    def socket_route(self) -> Route:
        """The way into the room."""
        return self.route().to(self.room_path)

    def holding(self) -> None:
        """Send state updates and heartbeats until the user is stopped."""
        interval_s = self.recorder.profile.timing.heartbeat_s
        next_beat = time.monotonic() + interval_s
        for number in count(1):
            gevent.sleep(self._random.expovariate(self.update_rate))
            self._settle()
            self._update(number)
            if time.monotonic() >= next_beat:
                next_beat += interval_s
                for socket in self.sockets:
                    socket.beat()

    def _update(self, number: int) -> None:
        open_sockets = [socket for socket in self.sockets if socket.open]
        if len(open_sockets) < 2:
            return
        sender = self._random.choice(open_sockets)
        message_id = f"{self.room}-{number}"
        now_ns = time.time_ns()
        receivers = set(open_sockets) - {sender}
        self._sent[message_id] = Update(now_ns, len(receivers), receivers)
        self.recorder.counts.expected += len(receivers)
        payload = {"pulsegate": message_id, "progress": number % 101, "currentTask": f"step {number}"}
        sender.send(
            {"type": "state_update", self.books.id_member: message_id, "payload": payload,
             "timestamp": now_ns // 1_000_000}
        )  # fmt: skip

    def socket_message(self, socket: Socket, message: Any, arrival: Arrival) -> None:
        """A copy of a state update came, if it is one of ours."""
        payload = message.get("payload") if isinstance(message, dict) else None
        message_id = payload.get("pulsegate") if isinstance(payload, dict) else None
        update = self._sent.get(message_id) if isinstance(message_id, str) else None
        if update is None or socket not in update.missing:  # the sender's own copy, or one copy more
            return
        update.missing.remove(socket)
        self.recorder.counts.received += 1
        if self.recorder.judge(self._fan_out, known=socket.known):
            self._fan_out.add(max(0, arrival.at_ns - update.sent_ns))

    def _settle(self) -> None:
        """Book the reach of the messages whose copies have had their time."""
        earliest_ns = time.time_ns() - round(LATEST_S * 1e9)
        for message_id, update in list(self._sent.items()):
            if not update.missing or update.sent_ns < earliest_ns:
                came = update.copies - len(update.missing)
                self._reach.add(round(100_000_000 * came / update.copies))
                del self._sent[message_id]

    def on_stop(self) -> None:
        """Leave the room; copies that are still on their way are not held against the target."""
        self._settle()
        for update in self._sent.values():
            self.recorder.counts.expected -= len(update.missing)
        super().on_stop()
