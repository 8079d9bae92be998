"""Opening a conversation: refusals for too many requests are waited out, and a failure is evidence too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, ExitStack, contextmanager
from typing import Any, Protocol, TypeVar

from pulsegate.harness.clients.api import OnExchange
from pulsegate.harness.clients.evidence import Transcript
from pulsegate.harness.clients.headers import Headers
from pulsegate.harness.clients.limits import RateLimits
from pulsegate.harness.clients.masking import Masker
from pulsegate.harness.clients.request import Request
from pulsegate.harness.errors import PulsegateError


class Opened(AbstractAsyncContextManager[Any], Protocol):
    """A conversation whose request was answered; leaving its context closes it."""

    @property
    def status(self) -> int:
        """The status of the answer."""

    @property
    def headers(self) -> Headers:
        """The header fields of the answer."""


T = TypeVar("T", bound=Opened)


async def open_within_limits(
    request: Request, attempt: Callable[[], Awaitable[T]], limits: RateLimits | None, *, obey_limits: bool
) -> T:
    """What `attempt` opens; one that is answered with 429 is closed and tried again as `limits` says."""
    limits = limits or RateLimits()
    attempts = 0
    while True:
        if obey_limits:
            await limits.wait(request)
        opened = await attempt()
        if opened.status != 429:
            limits.admitted(request)
            return opened
        if not obey_limits or not limits.refused(request, opened.headers, attempts):
            return opened
        async with opened:
            attempts += 1


@contextmanager
def failure_as_evidence(transcript: Transcript, masker: Masker, on_exchange: OnExchange | None) -> Iterator[ExitStack]:
    """``with ... as undo``: whatever fails inside is recorded, after `undo`, and raised without secrets."""
    with ExitStack() as undo:
        try:
            yield undo
        except BaseException as problem:
            undo.close()
            masked = masker.masked_error(problem) if isinstance(problem, PulsegateError) else problem
            transcript.problem = str(masked) or type(masked).__name__
            if on_exchange is not None:
                on_exchange(transcript.exchange())
            raise masked from None
        undo.pop_all()
