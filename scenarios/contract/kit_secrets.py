"""KIT-8: client secrets that nobody was given, before every type of request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pulsegate.harness.contract import Check
from pulsegate.scenarios.contract.kit_isolation import form_problem
from pulsegate.scenarios.contract.kit_talk import Talker, user_input
from pulsegate.scenarios.contract.stream_tools import demand

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_HEXADECIMAL = re.compile(r"[0-9a-fA-F-]+")


def altered_secrets(secret: str) -> dict[str, str]:
    """Secrets that are nearly `secret`, by what was done to it.

    A sign is changed by its highest bit, so that decoding base64 gives other bytes, at the end too.
    """
    middle, last = len(secret) // 2, len(secret) - 1
    altered = {
        "altered in the middle": f"{secret[:middle]}{_other_sign(secret[middle])}{secret[middle + 1 :]}",
        "altered at the end": f"{secret[:last]}{_other_sign(secret[last])}",
        "cut short": secret[: -len(secret) // 4],
    }
    if not _HEXADECIMAL.fullmatch(secret) and secret.swapcase() != secret:
        altered["in other case"] = secret.swapcase()
    return altered


def _other_sign(sign: str) -> str:
    place = _ALPHABET.find(sign)
    return _ALPHABET[(place + 32) % 64] if place >= 0 else "A"


async def expect_secret_refused(
    check: Check, talker: Talker, kind: str, params: Mapping[str, Any], label: str, *, cause: str = "not-validated"
) -> None:
    """Fail unless a request with the talker's secret is refused."""
    heard = await talker.send(kind, params)
    demand(
        check,
        not form_problem(heard, sdk=False),
        f"4xx JSON for {kind} with a client secret that is {label}",
        heard.line,
        cause=cause,
    )


async def expect_every_type_validates(check: Check, owner: Talker, made_up: str) -> None:
    """Fail unless each type of request on a thread of `owner` is refused with a secret that is made up."""
    begun = (await owner.send("threads.create", {"input": user_input("Hello!")})).transcript
    if begun is None or begun.thread_id is None or not begun.items:
        check.partly("requests on a thread: its stream names no thread, or no item (see KIT-5)")
        return
    there, item = {"thread_id": begun.thread_id}, str(begun.items[0]["id"])
    talker = Talker(check, owner.user, made_up)
    requests: dict[str, dict[str, Any]] = {
        "threads.get_by_id": {},
        "items.list": {"order": "asc"},
        "threads.update": {"title": "Pulsegate"},
        "items.feedback": {"item_ids": [item], "kind": "positive"},
        "threads.add_user_message": {"input": user_input("Hello!")},
        "threads.retry_after_item": {"item_id": item},
        "threads.custom_action": {"action": {"type": "pulsegate.probe", "payload": {}}},
        "threads.delete": {},
    }
    for kind, params in requests.items():
        await expect_secret_refused(check, talker, kind, {**there, **params}, "made up")
