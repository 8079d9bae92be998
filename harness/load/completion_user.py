"""A user that asks for streamed answers, in an open or a closed loop."""

from __future__ import annotations

import json
import time
from random import Random
from typing import ClassVar

import gevent
from gevent.event import AsyncResult
from locust.env import Environment

from pulsegate.harness.load.base import WireUser
from pulsegate.harness.load.exchange import Exchange, ExchangeBooks, Pool
from pulsegate.harness.load.http import request
from pulsegate.harness.timing.schedule import due_times
from pulsegate.harness.wire.dialects import Turn


class CompletionUser(WireUser):
    """Asks, and times the answer's tokens.

    With a `rate` it asks at the moments of its schedule, however many answers are still coming (open
    loop): latencies count from when a request was due. Without one it waits for each answer and for
    `think_time_s` (closed loop). In a locustfile of your own, override `turn`, or call `ask` from tasks.
    """

    abstract = True
    surface = "cmp"
    #: Requests per second of one user; None for a closed loop. A job may say otherwise.
    rate: ClassVar[float | None] = None
    #: How long a user of a closed loop thinks before it asks again, in seconds: at least and at most.
    think_time_s: ClassVar[tuple[float, float]] = (1.0, 5.0)
    #: An answer that is not complete after this long has failed, in seconds.
    answer_limit_s: ClassVar[float] = 120.0

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self.books: ExchangeBooks = self.session.exchange_books(self.figures)
        self.number = self.session.next_user()
        self.random = Random(f"{self.session.job.seed}:{self.surface}:{self.number}")  # noqa: S311 - no secret
        self._pool: Pool | None = None
        self.asked = 0
        self._open: dict[Exchange, AsyncResult | None] = {}

    @property
    def pool(self) -> Pool:
        """The user's idle connections. ConnectFailed when the target's name has no address."""
        if self._pool is None:
            self._pool = Pool(self.route())
        return self._pool

    def turn(self) -> Turn:
        """What to ask next."""
        prompt = self.session.prompts.of(self.number, self.asked)
        model = self.recorder.profile.cmp.model
        return Turn(prompt, model=model) if model else Turn(prompt)

    def main(self) -> None:
        """Ask until the user is stopped."""
        rate = self.session.job.rate_per_user or self.rate
        if rate is None:
            self._closed_loop()
        else:
            self._open_loop(rate)

    def _open_loop(self, rate: float) -> None:
        began_s = time.monotonic()
        for moment in due_times(rate, self.random, self.session.job.arrivals):
            gevent.sleep(max(0.0, began_s + moment - time.monotonic()))
            due_ns = time.time_ns() - round((time.monotonic() - began_s - moment) * 1e9)
            self.start_asking(self.turn(), due_ns)

    def _closed_loop(self) -> None:
        least, most = self.session.job.think_time_s or self.think_time_s
        gevent.sleep(self.random.uniform(0, most))  # users do not begin in step
        while True:
            self.ask(self.turn())
            gevent.sleep(self.random.uniform(least, most))

    def ask(self, turn: Turn) -> Exchange:
        """Ask, and wait until the answer is complete or has failed."""
        over = AsyncResult()
        exchange = self.start_asking(turn, time.time_ns(), over)
        over.get()
        return exchange

    def start_asking(self, turn: Turn, due_ns: int, over: AsyncResult | None = None) -> Exchange:
        """Ask now what was due at `due_ns`; `over` is set when the answer is complete or has failed."""
        self.asked += 1
        self.recorder.counts.due += 1
        body = json.dumps(self.books.dialect.body(turn)).encode()
        exchange = Exchange(self, request("POST", self.pool.route.address, self._fields(), body), due_ns)
        self._open[exchange] = over
        exchange.start(self.answer_limit_s)
        return exchange

    def _fields(self) -> dict[str, str]:
        token = self.session.token(self.number)
        identity = {"Authorization": f"Bearer {token}"} if token else {}
        media = {"Content-Type": "application/json", "Accept": "text/event-stream"}
        return media | identity | self.request_headers()

    def exchange_over(self, exchange: Exchange, problem: str) -> None:
        """The answer is complete, or failed by `problem`."""
        over = self._open.pop(exchange, None)
        self.book("answer", time.time_ns() - exchange.due_ns, problem)
        if over is not None:
            over.set(exchange)

    def on_stop(self) -> None:
        """Leave; what is still coming stays counted as unfinished."""
        for exchange in self._open:
            exchange.abandon()
        self._open.clear()
        if self._pool is not None:
            self._pool.close()
