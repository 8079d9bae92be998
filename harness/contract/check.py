"""`Check`: the only thing a case gets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NoReturn, TypeVar

from pulsegate.harness.clients.api import Answer
from pulsegate.harness.clients.stream import Stream
from pulsegate.harness.clients.websocket import WebSocket
from pulsegate.harness.contract.gauges import read_gauge
from pulsegate.harness.contract.outcomes import ClauseFailed, Findings, NotMeasured, NotOffered
from pulsegate.harness.contract.registry import Clause
from pulsegate.harness.contract.requests import UNSET, Carrier, make_request, surface_url
from pulsegate.harness.contract.session import ContractSession
from pulsegate.harness.contract.shared import OBSERVING, Observations
from pulsegate.harness.errors import CouldNotMeasure
from pulsegate.harness.identities import NobodyKnown, User
from pulsegate.harness.profile import Profile
from pulsegate.harness.record import Exchange
from pulsegate.harness.reference import ReferenceServer, reference_target
from pulsegate.harness.target import Target

T = TypeVar("T")


class Check:
    """One case's access to the target, and its way to say what it found.

    ``clause``, ``target`` and ``profile`` are what it checks. Secrets are masked in everything it records.
    Transport errors (ConnectFailed, TimedOut, StreamEnded, ProtocolViolation) may simply be let
    through: they fail the clause with their sentence.
    """

    def __init__(self, session: ContractSession, clause: Clause, observations: Observations) -> None:
        self.clause = clause
        self.target: Target = session.target
        self.profile: Profile = session.target.profile
        self.findings = Findings()
        #: How long this case has awaited shared observations, in seconds.
        self.observing_s = 0.0
        #: How long the longest of them took, in seconds.
        self.observed_s = 0.0
        self._session = session
        self._observations = observations
        self._cleanup = AsyncExitStack()
        self._subject: Stream | WebSocket | None = None

    # -- outcomes

    def expect(self, condition: object, expected: str, actual: object = "") -> None:
        """Fail the clause unless `condition` is true; both texts go into the report."""
        if not condition:
            self.fail(expected, actual)

    def fail(self, expected: str, actual: object = "") -> NoReturn:
        """Fail the clause."""
        mask = self._session.masker.mask
        if self._subject is not None:
            self._gathered.guilty = self._subject.exchange
        raise ClauseFailed(mask(expected), mask(actual if isinstance(actual, str) else repr(actual)))

    def not_offered(self, reason: str) -> NoReturn:
        """End the case: the target does not offer this."""
        raise NotOffered(reason)

    def not_measured(self, reason: str) -> NoReturn:
        """End the case: it cannot be measured here, because of `reason`."""
        raise NotMeasured(reason)

    def partly(self, reason: str) -> None:
        """Note that a part was not measured; an otherwise passed clause keeps it as its reason."""
        self._gathered.unmeasured.append(self._session.masker.mask(reason))

    def cause(self, key: str) -> None:
        """Name the documented cause (a key of ``[ID.causes]``) that fits the evidence; the last one counts."""
        self._gathered.cause = key

    def about(self, subject: Stream | WebSocket | None) -> None:
        """Show the exchange of `subject` with a failure, until told otherwise; None: the last one."""
        self._subject = subject

    def note(self, text: str) -> None:
        """Add a line of evidence."""
        self._gathered.notes.append(self._session.masker.mask(text))

    def hide(self, secret: str, label: str) -> None:
        """Show `label` (such as ``$CLIENT_SECRET``) instead of `secret` in everything recorded from now on."""
        self._session.masker.add(secret, label)

    # -- who

    def user(self, name: str = "alice") -> User:
        """``alice`` or ``bob``, with a valid token; NotMeasured when the profile gives no identity."""
        return self._session.user(name)

    def fresh_user(self, hint: str = "") -> User:
        """A user nobody registered, each call another one.

        Where the profile does not allow them: bob for the hints ``2`` and ``bob``, else alice.
        """
        try:
            return self._session.wallet.fresh_user(hint)
        except NobodyKnown:
            raise NotMeasured("no identity") from None
        except CouldNotMeasure as problem:
            raise NotMeasured(str(problem)) from None

    def bad_tokens(self, user: User) -> dict[str, str]:
        """Label to token: ``wrong signature``, ``alg none``, ``malformed``, and ``expired`` when one can be made."""
        return self._session.wallet.bad_tokens(user)

    def token_without_exp(self, user: User) -> str | None:
        """A token rightly signed but without ``exp``; None when no secret to sign it is known."""
        return self._session.wallet.token_without_exp(user)

    # -- where

    def offers(self, surface: str) -> bool:
        """Whether `surface` is offered and its entry clause is not broken, so that calls to it make sense."""
        return self._session.usable(surface)

    def url(self, surface: str, suffix: str = "", query: Mapping[str, str] | None = None) -> str:
        """The absolute URL of `surface`, its path extended by `suffix` and its query by `query`.

        Raises NotOffered where the target does not offer the surface, and NotMeasured where the
        surface's entry clause is broken (but never to that entry clause itself).
        """
        self._session.require(surface, self.clause)
        path = self.profile.surfaces.path(surface)
        if path is False:
            raise NotOffered(f"{surface}: switched off in the profile")
        return surface_url(self.target.url, path, suffix, query)

    # -- how

    async def call(
        self,
        method: str,
        surface: str,
        suffix: str = "",
        *,
        who: User | str | None = None,
        carrier: Carrier = "bearer",
        query: Mapping[str, str] | None = None,
        json: object = UNSET,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        obey_limits: bool = True,
        one_of_many: bool = False,
        timeout_s: float | None = None,
    ) -> Answer:
        """One plain request, its whole answer.

        `who` is a User, a raw token or None (anonymous). `json` sets the body and its content type,
        `content` the raw body. A 429 is waited out unless `obey_limits` is false. `one_of_many`: over a connection
        that is kept for the next one, and evidence only where it is refused.
        """
        request = make_request(
            method,
            self.url(surface, suffix, query),
            who=who,
            carrier=carrier,
            body=json,
            content=content,
            headers=headers,
            common=self.target.headers,
        )
        limit = self.answer_timeout_s if timeout_s is None else timeout_s
        return await self._session.transport.call(
            request, limit, self._record, obey_limits=obey_limits, one_of_many=one_of_many
        )

    @asynccontextmanager
    async def stream(
        self,
        surface: str,
        suffix: str = "",
        *,
        method: str = "GET",
        who: User | str | None = None,
        carrier: Carrier = "bearer",
        query: Mapping[str, str] | None = None,
        json: object = UNSET,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        last_event_id: str | None = None,
        timeout_s: float | None = None,
    ) -> AsyncIterator[Stream]:
        """``async with check.stream("sse") as stream``: a request whose answer is read as it arrives.

        Sends ``Accept: text/event-stream`` unless `headers` says otherwise. Whatever the answer is
        (404, HTML), it is yielded: look at ``stream.status``. Closed on leaving; its bytes are evidence.
        """
        fields = {"Accept": "text/event-stream"}
        if last_event_id is not None:
            fields["Last-Event-ID"] = last_event_id
        for name, value in (headers or {}).items():
            fields = {key: kept for key, kept in fields.items() if key.lower() != name.lower()} | {name: value}
        request = make_request(
            method,
            self.url(surface, suffix, query),
            who=who,
            carrier=carrier,
            body=json,
            content=content,
            headers=fields,
            common=self.target.headers,
        )
        limit = self.answer_timeout_s if timeout_s is None else timeout_s
        async with await self._session.transport.stream(request, limit, self._record) as stream:
            yield stream

    @asynccontextmanager
    async def websocket(
        self,
        suffix: str = "",
        *,
        who: User | str | None = None,
        carrier: Carrier = "bearer",
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        expect_open: bool = True,
        timeout_s: float | None = None,
    ) -> AsyncIterator[WebSocket]:
        """``async with check.websocket(query={"sessionId": room}) as socket``: surface ``ws``.

        With `expect_open` a refused upgrade fails the clause; without, look at ``socket.refused``.
        Closed on leaving.
        """
        request = make_request(
            "GET",
            self.url("ws", suffix, query),
            who=who,
            carrier=carrier,
            headers=headers,
            common=self.target.headers,
        )
        limit = self.answer_timeout_s if timeout_s is None else timeout_s
        async with await self._session.transport.websocket(request, limit, self._record) as socket:
            if expect_open and socket.refused is not None:
                self.fail("the WebSocket upgrade answered with 101", f"status {socket.status}")
            yield socket

    async def shared(self, key: str, make: Callable[[], Awaitable[T]] | None = None) -> T:
        """What `make` returns, made once for all cases that ask for `key`; its exchanges are everybody's evidence.

        What it raises is raised to every caller. Without `make`: the observation of that name in
        the case file's ``PREFETCH`` (a dict of name to ``async def observe(check)``), which is
        started before the file's first case and runs beside them.
        """
        begin = time.monotonic()
        try:
            value: T = await self._observations.get(key, self._gathered, make)
        finally:
            self.observing_s += time.monotonic() - begin
            self.observed_s = max(self.observed_s, self._observations.took_s(key))
        return value

    async def gauge(self, surface: str) -> float:
        """The open-stream gauge of `surface` now; NotMeasured when the profile names none."""
        metrics = self.profile.metrics
        selector = {str(name): text for name, text in metrics.open_streams.items()}.get(surface)
        if metrics.url is None or selector is None:
            raise NotMeasured(f"the profile names no open-stream gauge of {surface} ([metrics] open_streams.{surface})")
        url = metrics.url if "://" in metrics.url else self.target.url + metrics.url
        request = make_request("GET", url, common=self.target.headers)
        answer = await self._session.transport.call(request, self.answer_timeout_s, self._record)
        value = read_gauge(answer.text, selector) if answer.status == 200 else None
        if value is None:
            raise NotMeasured(f"{metrics.url} answers {answer.status} without {selector}")
        return value

    @property
    def answer_timeout_s(self) -> float:
        """How long to wait for anything that should come at once, in seconds."""
        return self.target.answer_timeout_s

    # -- servers that the harness itself started

    @property
    def harness_started(self) -> bool:
        """Whether the harness itself started the target, so that it may be restarted."""
        return self._session.server is not None

    async def second_server(self, **settings: object) -> Check:
        """Another reference server, started like the target, as a Check aimed at it.

        `settings`, by name, replace the target's own, such as ``streams=False`` or ``heartbeat_s=0.2``. Every
        surface counts as offered there. It is stopped when the case ends, or by its Check's `stop_server`.
        NotMeasured unless `harness_started`.
        """
        timing = self.profile.timing
        usual = {"heartbeat_s": timing.heartbeat_s, "word_gap_ms": timing.word_gap_ms}
        changed = {**usual, **self._started_server().settings, **settings}
        server = await self._cleanup.enter_async_context(ReferenceServer(settings=changed))
        target = reference_target(server, profile=self.profile, answer_timeout_s=self.answer_timeout_s)
        session = ContractSession(target, server, masker=self._session.masker)
        await session.open(look=False)
        self._cleanup.push_async_callback(session.close)
        second = Check(session, self.clause, Observations())
        second.findings = self._gathered
        return second

    async def stop_server(self) -> None:
        """Stop a server that `second_server` started, gracefully, while its connections are open."""
        await asyncio.to_thread(self._started_server().stop)

    def _started_server(self) -> ReferenceServer:
        if self._session.server is None:
            raise NotMeasured("only servers that the harness itself starts (--reference) are stopped or started")
        return self._session.server

    async def close(self) -> None:
        """End what was started for this case alone; called by the engine."""
        await self._cleanup.aclose()

    @property
    def _gathered(self) -> Findings:
        return OBSERVING.get() or self.findings

    def _record(self, exchange: Exchange) -> None:
        self._gathered.exchanges.append(exchange)
