"""The official openai client against the completions endpoint; the package is an extra."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
from typing import Any

from pulsegate.harness.contract import Check
from pulsegate.harness.identities import User
from pulsegate.harness.wire.address import parse_address
from pulsegate.harness.wire.tls import client_context
from pulsegate.scenarios.contract.json_values import shown

#: How often a 429 is waited out.
_RETRIES = 5
_LONGEST_PAUSE_S = 60.0


class Unreadable(Exception):
    """What the client made of an answer lacks what the package's own examples read."""


def shown_model(value: Any) -> str:
    """One of the client's objects as a report shows it."""
    dump = getattr(value, "model_dump", None)
    return shown(dump(exclude_unset=True) if dump is not None else value)


async def read_with_official_client(check: Check, user: User, prompt: str) -> tuple[str, str]:
    """What the client reads: the whole answer and the streamed one.

    Whatever the client raises fails the clause; without the package it is not measured.
    """
    url = check.url("cmp")
    if importlib.util.find_spec("openai") is None:
        check.not_measured("the openai package is not installed; pip install 'pulsegate[openai]'")
    openai = await asyncio.to_thread(importlib.import_module, "openai")
    async with _client(openai, check, user, url) as client:
        ask = Questions(openai, client, check.profile.cmp.model or "pulsegate", prompt)
        try:
            return await ask.whole(), await ask.streamed()
        except Unreadable as problem:
            check.fail("both answers can be read with the openai client", str(problem))
        except Exception as problem:  # whatever the client cannot digest
            check.fail("both answers can be read with the openai client", f"{type(problem).__name__}: {problem}")


def _client(openai: Any, check: Check, user: User, url: str) -> Any:
    """A client that sends every request to `url`, whatever its path would be."""

    async def to_target(request: Any) -> None:
        request.url = request.url.copy_with(raw_path=path)

    target = check.target
    path = parse_address(url).target.encode("ascii")
    http = openai.DefaultAsyncHttpxClient(
        verify=client_context(target.ca_file, target.insecure),
        trust_env=not target.loopback,
        event_hooks={"request": [to_target]},
    )
    return openai.AsyncOpenAI(
        base_url=url,
        api_key=user.token,
        max_retries=0,
        timeout=target.answer_timeout_s,
        default_headers=target.headers,
        http_client=http,
    )


class Questions:
    """One prompt, asked through the client."""

    def __init__(self, openai: Any, client: Any, model: str, prompt: str) -> None:
        self._openai = openai
        self._client = client
        self._model = model
        self._messages = [{"role": "user", "content": prompt}]

    async def whole(self) -> str:
        """The content of the client's completion."""
        completion = await self._create(stream=False)
        choices = getattr(completion, "choices", None)
        message = getattr(choices[0], "message", None) if choices else None
        if message is None:
            raise Unreadable(f"the client finds no choices[0].message in {shown_model(completion)}")
        return message.content or ""

    async def streamed(self) -> str:
        """The content of all chunks, joined, as the package's own examples do it."""
        text = ""
        async for chunk in await self._create(stream=True):
            if chunk.choices is None:
                raise Unreadable(f"the client finds no choices in {shown_model(chunk)}")
            for choice in chunk.choices:
                if choice.delta is None:
                    raise Unreadable(f"the client finds no delta in {shown_model(chunk)}")
                text += choice.delta.content or ""
        return text

    async def _create(self, *, stream: bool) -> Any:
        for attempt in range(_RETRIES):
            try:
                return await self._client.chat.completions.create(
                    model=self._model, messages=self._messages, stream=stream
                )
            except self._openai.RateLimitError as problem:
                if attempt == _RETRIES - 1:
                    raise
                await asyncio.sleep(_pause_s(problem.response.headers.get("retry-after"), attempt))
        raise AssertionError


def _pause_s(stated: str | None, attempt: int) -> float:
    if stated is not None and stated.isascii() and stated.isdigit():
        return min(float(stated), _LONGEST_PAUSE_S)
    return float(2**attempt)
