"""What the cases of KIT, CMP and CHAT share: words to say, and how their answers are read."""

from __future__ import annotations

import asyncio
import re
import secrets
import unicodedata
from collections.abc import Awaitable, Iterable
from typing import Any, TypeVar

from pulsegate.harness.clients.api import Answer
from pulsegate.harness.clients.headers import Headers
from pulsegate.harness.contract import Check
from pulsegate.harness.contract.causes import opening_cause
from pulsegate.harness.contract.outcomes import NotMeasured
from pulsegate.harness.identities import User
from pulsegate.scenarios.contract.stream_tools import demand, parse_object, shorten

T = TypeVar("T")

#: A plain question, for agents whose profile names none.
QUESTION = "What can you help me with?"
GREETING = "Good morning, and thank you for being there!"

#: How long a paced answer may take to be listened to, in seconds, and how many words that is at most.
LISTENING_S = 5.0
MOST_WORDS = 110
LEAST_WORDS = 30

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_WORDS = ("river", "stone", "lantern", "orchard", "copper", "window", "harbour", "meadow", "thunder", "ribbon")
_SIGNS = (
    "naïve café Straße Ærø Zürich Łódź  Ελλάδα Привет 日本語テスト 안녕하세요 עברית العربية हिन्दी e\u0301tude "
    "\U0001f469\U0001f3fd\u200d\U0001f680 \U0001f1e8\U0001f1ed \U0001d4b3\U0001d4b4 ½·√2 “quoted” — done✓"
)


def is_uuid(value: object) -> bool:
    """Whether `value` is a UUID in its usual form (RFC 9562, section 4)."""
    return isinstance(value, str) and _UUID.fullmatch(value) is not None


def code_word(kind: str) -> str:
    """A word that nobody else says, with a sign outside ASCII, such as ``zebra-é7f3a01``."""
    return f"{kind}-é{secrets.token_hex(4)}"


def says(text: str, word: str) -> bool:
    """Whether `word` stands in `text`, however it is capitalised, composed or escaped as in JSON."""
    return _folded(word) in _folded(_ESCAPE.sub(lambda found: chr(int(found.group(1), 16)), text))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def long_prompt(word_gap_ms: float) -> str:
    """A request whose echo is long, but over within LISTENING_S at that pace."""
    count = round(min(MOST_WORDS, max(LEAST_WORDS, LISTENING_S * 1000 / word_gap_ms - 20)))
    words = " ".join(f"{_WORDS[index % len(_WORDS)]}{index}" for index in range(count - 5))
    return f"Please repeat this to me: {words}"


def foreign_prompt() -> str:
    """A request whose echo holds two blanks in a row, composed signs and signs outside the basic plane."""
    return f"Please repeat this to me: {_SIGNS}"


def stateless_prompt(check: Check) -> str:
    """The profile's prompt that is always answered alike, else a plain question."""
    return check.profile.prompts.stateless or QUESTION


def two_users(check: Check) -> tuple[User, User]:
    """Two users that are not one and the same, fresh ones where the profile allows."""
    return check.fresh_user("alice"), check.fresh_user("bob")


def one_or_two_users(check: Check) -> list[User]:
    """Two users, or one with the other as a part that is not measured."""
    users = [check.fresh_user("alice")]
    try:
        users.append(check.fresh_user("bob"))
    except NotMeasured as problem:
        check.partly(f"not as another user: {problem}")
    return users


async def together(*jobs: Awaitable[T]) -> list[T]:
    """Await all `jobs` at once; the first problem is raised when all have ended."""
    results = await asyncio.gather(*jobs, return_exceptions=True)
    done: list[T] = []
    for result in results:
        if isinstance(result, BaseException):
            raise result
        done.append(result)
    return done


def described(status: int, headers: Headers, text: str) -> str:
    """An answer in one line."""
    return shorten(f"{status} {headers.media_type or 'without Content-Type'}: {text or '(empty body)'}")


def answer_line(answer: Answer) -> str:
    """`answer` in one line."""
    return described(answer.status, answer.headers, answer.text)


def json_object(headers: Headers, text: str) -> dict[str, Any] | None:
    """The JSON object that an answer holds; None when it is anything else, or is called HTML."""
    return None if headers.media_type == "text/html" else parse_object(text)


def expect_object(check: Check, answer: Answer, what: str) -> dict[str, Any]:
    """The JSON object of a 200 answer; anything else fails the clause."""
    value = json_object(answer.headers, answer.text)
    if answer.status != 200 or value is None:
        cause = opening_cause(answer.status, answer.headers.media_type, answer.body)
        demand(check, False, f"200 with a JSON object for {what}", answer_line(answer), cause=cause)
    return value or {}


def expect_refusal(
    check: Check, answer: Answer, what: str, statuses: Iterable[int] = (), *, cause: str = "", plain: bool = False
) -> None:
    """Fail unless `answer` is a JSON error with one of `statuses` (any 4xx when none is given).

    With `plain` the body may be anything but HTML.
    """
    allowed = tuple(statuses)
    fits = answer.status in allowed if allowed else 400 <= answer.status < 500
    wanted = " or ".join(map(str, allowed)) if allowed else "4xx"
    demand(check, fits, f"{wanted} for {what}", answer_line(answer), cause=cause)
    sound = answer.headers.media_type != "text/html" if plain else json_object(answer.headers, answer.text) is not None
    demand(check, sound, f"a JSON error for {what}", answer_line(answer), cause="not-json")
