"""Waiting until a target answers."""

from __future__ import annotations

import asyncio
import time

from pulsegate.harness.clients.api import ApiClient
from pulsegate.harness.clients.masking import Masker
from pulsegate.harness.clients.options import ConnectOptions
from pulsegate.harness.clients.request import Request
from pulsegate.harness.errors import PeerError, TargetUnreachable
from pulsegate.harness.target import Target

PAUSE_S = 0.25

#: What a proxy answers while the server behind it is not there yet.
NOT_READY = (502, 503, 504)


def wait_until_ready(target: Target, limit_s: float) -> None:
    """Return once the target answers; TargetUnreachable after `limit_s`, in seconds.

    Any answer will do but a proxy's 502, 503 or 504. With no time to wait nothing is asked: the survey will tell.
    """
    if limit_s > 0:
        asyncio.run(_wait(target, limit_s))


async def _wait(target: Target, limit_s: float) -> None:
    options = ConnectOptions(target.connect_timeout_s, target.ca_file, target.insecure)
    path = target.profile.surfaces.path("health") or "/"
    request = Request("GET", f"{target.url}{path}", tuple(target.headers.items()))
    deadline = time.monotonic() + limit_s
    async with ApiClient(options, Masker()) as client:
        while True:
            problem = await _try(client, request, target)
            if not problem:
                return
            if time.monotonic() >= deadline:
                raise TargetUnreachable(f"{target.shown_url} does not answer within {limit_s:g} s: {problem}")
            await asyncio.sleep(PAUSE_S)


async def _try(client: ApiClient, request: Request, target: Target) -> str:
    try:
        answer = await client.call(request, timeout_s=target.connect_timeout_s, obey_limits=False)
    except PeerError as problem:
        return str(problem)
    return f"it answered {answer.status}" if answer.status in NOT_READY else ""
