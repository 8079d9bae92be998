"""Judging completions, whole and streamed, from what was received; nothing here is awaited."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pulsegate.scenarios.contract.json_values import shown
from pulsegate.scenarios.contract.stream_tools import parse_json, parse_object, shorten

DONE = "[DONE]"

#: How far `created` may be from now, in seconds.
CLOCK_ALLOWANCE_S = 60

# The white space of ASCII. Other signs that Unicode calls spaces hold words together rather than part them.
_WORD = re.compile(r"[^ \t\n\r\f\v]+")
_SPACE = " \t\n\r\f\v"


def is_integer(value: object) -> bool:
    """Whether `value` is a JSON integer; true is none, and neither is 1.0."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_index(value: object, expected: int) -> bool:
    """Whether `value` is the integer `expected`."""
    return is_integer(value) and value == expected


def completion_problems(answer: dict[str, Any], earliest_s: float, latest_s: float) -> list[str]:
    """What is wrong with a whole completion that was made between two times (seconds since the epoch)."""
    problems = []
    if not isinstance(answer.get("id"), str) or not answer["id"]:
        problems.append(f"id is {shown(answer.get('id'))}, not a string with something in it")
    if answer.get("object") != "chat.completion":
        problems.append(f"object is {shown(answer.get('object'))}, not chat.completion")
    if not isinstance(answer.get("model"), str) or not answer["model"]:
        problems.append(f"model is {shown(answer.get('model'))}, not a string with something in it")
    problems += _created_problems(answer.get("created"), earliest_s, latest_s)
    choices = answer.get("choices")
    if not isinstance(choices, list) or len(choices) != 1 or not isinstance(choices[0], dict):
        return [*problems, f"choices is {shown(choices)}, not a list of one object"]
    return problems + _choice_problems(choices[0])


def _created_problems(created: object, earliest_s: float, latest_s: float) -> list[str]:
    if not isinstance(created, int) or isinstance(created, bool):
        return [f"created is {shown(created)}, not an integer"]
    if earliest_s - CLOCK_ALLOWANCE_S <= created <= latest_s + CLOCK_ALLOWANCE_S:
        return []
    return [f"created is {created}, {created - latest_s:+.0f} s from now (seconds since the epoch)"]


def _choice_problems(choice: dict[str, Any]) -> list[str]:
    problems = []
    if not is_index(choice.get("index"), 0):
        problems.append(f"choices[0].index is {shown(choice.get('index'))}, not 0")
    if choice.get("finish_reason") != "stop":
        problems.append(f"choices[0].finish_reason is {shown(choice.get('finish_reason'))}, not stop")
    message = choice.get("message")
    if not isinstance(message, dict):
        return [*problems, f"choices[0].message is {shown(message)}, not an object"]
    if message.get("role") != "assistant":
        problems.append(f"the message's role is {shown(message.get('role'))}, not assistant")
    content = message.get("content")
    if not isinstance(content, str) or not content.strip():
        problems.append(f"the message's content is {shown(content)}, not a text")
    return problems


def content_of(answer: dict[str, Any]) -> str:
    """The text of a whole completion; empty where it has none."""
    try:
        content = answer["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError):
        return ""
    return content if isinstance(content, str) else ""


def usage_problems(usage: object) -> list[str]:
    """What is wrong with how many tokens an answer is said to have used."""
    if not isinstance(usage, dict):
        return [f"usage is {shown(usage)}, not an object"]
    asked, answered, total = (usage.get(name) for name in ("prompt_tokens", "completion_tokens", "total_tokens"))
    counts = [count for count in (asked, answered, total) if isinstance(count, int) and is_integer(count)]
    if len(counts) < 3 or min(counts) < 0:
        return [f"usage is {shown(usage)}, without three counts of tokens"]
    if counts[0] + counts[1] != counts[2]:
        return [f"usage does not add up: {counts[0]} and {counts[1]} tokens, {counts[2]} in all"]
    return []


def words_in(text: str) -> list[str]:
    """The words of `text`: what stands between white space of ASCII."""
    return _WORD.findall(text)


@dataclass(slots=True)
class Chunks:
    """A streamed completion. `deltas` holds each piece of content with the index of its message.

    `by_word`: no delta may hold more than one word.
    """

    by_word: bool = True
    deltas: list[tuple[int, str]] = field(default_factory=list)
    finish_reasons: list[str] = field(default_factory=list)
    done: bool = False
    problems: list[str] = field(default_factory=list)
    usage: object = None
    passed_over: int = 0

    @property
    def text(self) -> str:
        """All content, joined."""
        return "".join(delta for _, delta in self.deltas)

    @property
    def word_starts(self) -> list[int]:
        """The index of the message with which each word begins."""
        starts = []
        inside = False
        for index, delta in self.deltas:
            if words_in(delta) and (not inside or delta[0] in _SPACE):
                starts.append(index)
            inside = delta[-1] not in _SPACE
        return starts


def read_chunks(data: Iterable[str], *, by_word: bool = True) -> Chunks:
    """Read the data of every message of a streamed completion, in order.

    Objects that are no chunks (heartbeats and the like) are passed over; so are role-only and empty
    deltas, and chunks without choices (usage).
    """
    chunks = Chunks(by_word=by_word)
    for index, text in enumerate(data):
        if text.strip() == DONE:
            if chunks.done:
                chunks.problems.append("a second [DONE]")
            chunks.done = True
            continue
        chunk = parse_object(text)
        if chunk is None:
            chunks.problems.append(f"message {index} is neither a JSON object nor [DONE]: {shorten(text)}")
        elif chunk.get("choices") is not None or str(chunk.get("object", "")).startswith("chat.completion"):
            _read_chunk(chunks, index, chunk)
        elif "error" in chunk:
            chunks.problems.append(f"the stream reports an error: {shorten(text)}")
        else:
            chunks.passed_over += 1
    return chunks


def _read_chunk(chunks: Chunks, index: int, chunk: dict[str, Any]) -> None:
    if chunks.done:
        chunks.problems.append("a chunk after [DONE]")
    if chunk.get("object") != "chat.completion.chunk":
        chunks.problems.append(f"a chunk's object is {shown(chunk.get('object'))}, not chat.completion.chunk")
    if "created" in chunk and not is_integer(chunk["created"]):
        chunks.problems.append(f"a chunk's created is {shown(chunk['created'])}, not an integer")
    chunks.usage = chunk.get("usage") or chunks.usage
    choices = chunk.get("choices")
    if choices is None or choices == []:
        return
    if not isinstance(choices, list) or len(choices) != 1 or not isinstance(choices[0], dict):
        chunks.problems.append(f"a chunk's choices is {shown(choices)}, not a list of one object")
        return
    _read_choice(chunks, index, choices[0])


def _read_choice(chunks: Chunks, index: int, choice: dict[str, Any]) -> None:
    if not is_index(choice.get("index", 0), 0):
        chunks.problems.append(f"a chunk's index is {shown(choice['index'])}, not 0")
    delta = choice.get("delta")
    content = delta.get("content") if isinstance(delta, dict) else None
    if content is not None and not isinstance(content, str):
        chunks.problems.append(f"a delta's content is {shown(content)}, not a string")
    elif content:
        _read_content(chunks, index, content)
    reason = choice.get("finish_reason")
    if reason is not None:
        chunks.finish_reasons.append(reason if isinstance(reason, str) else shown(reason))


def _read_content(chunks: Chunks, index: int, content: str) -> None:
    if chunks.finish_reasons:
        chunks.problems.append(f"content after the finish reason: {shown(content)}")
    if chunks.by_word and len(words_in(content)) > 1:
        chunks.problems.append(f"a delta holds {len(words_in(content))} words: {shown(content)}")
    chunks.deltas.append((index, content))


def ending_problems(chunks: Chunks) -> list[str]:
    """What is missing at the end of a streamed completion."""
    if not chunks.finish_reasons and not chunks.done:
        return ["the answer was cut short: neither a finish reason nor [DONE]"]
    problems = [] if chunks.done else ["no [DONE]"]
    if not chunks.finish_reasons:
        problems.append("no finish reason")
    return problems


def finish_problems(chunks: Chunks) -> list[str]:
    """What is wrong with the finish reasons of a streamed completion: it has one, which is ``stop``."""
    if len(chunks.finish_reasons) > 1:
        return [f"{len(chunks.finish_reasons)} finish reasons: {', '.join(chunks.finish_reasons)}"]
    return [f"the finish reason is {reason}, not stop" for reason in chunks.finish_reasons if reason != "stop"]


# -- refusals that must not tell one unknown conversation from another

_MASKS = (
    (re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE), "<uuid>"),
    (re.compile(r"\b(?=[0-9a-f]*[0-9])[0-9a-f]{6,}\b", re.IGNORECASE), "<n>"),
    (re.compile(r"[0-9]+"), "<n>"),
)


def refusal_parts(status: int, body: str, ids: Iterable[str]) -> dict[str, str]:
    """An error as its parts: the status, and each member of its JSON body (or the text) with ids and numbers masked."""
    try:
        value = parse_json(body)
    except (ValueError, RecursionError):
        value = body
    return {"status": str(status)} | {place: _masked(text, ids) for place, text in _leaves("body", value)}


def _leaves(place: str, value: Any) -> Iterable[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for name, member in value.items():
            yield from _leaves(f"{place}.{name}", member)
    elif isinstance(value, list) and value:
        for index, member in enumerate(value):
            yield from _leaves(f"{place}[{index}]", member)
    else:
        yield place, value if isinstance(value, str) else shown(value)


def _masked(text: str, ids: Iterable[str]) -> str:
    for one in ids:
        text = re.sub(re.escape(one), "<uuid>", text, flags=re.IGNORECASE)
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return " ".join(text.split())


def telling_parts(refusal: dict[str, str], unknown: Sequence[dict[str, str]]) -> list[str]:
    """Where `refusal` differs from the answers to unknown ids.

    What differs between two of those themselves (a request's own id, a time) tells nothing.
    """
    first = unknown[0]
    problems = []
    for place in sorted(set(refusal) | set(first)):
        if any(other.get(place) != first.get(place) for other in unknown[1:]):
            continue
        if refusal.get(place) != first.get(place):
            problems.append(
                f"{place} is {shown(refusal.get(place))}, but {shown(first.get(place))} for an id that nobody has"
            )
    return problems


# -- cross-origin rules (the Fetch standard)


def credential_problems(headers: dict[str, str], origin: str) -> list[str]:
    """Why a page of `origin`, the application's, cannot make requests with credentials; `headers` in lower case."""
    allowed = headers.get("access-control-allow-origin")
    problems = []
    if allowed is None:
        problems.append("no Access-Control-Allow-Origin")
    elif allowed != origin:
        problems.append(f"Access-Control-Allow-Origin is {allowed}, not {origin}")
    credentials = headers.get("access-control-allow-credentials")
    if credentials != "true":
        problems.append(f"Access-Control-Allow-Credentials is {credentials or 'missing'}, not true")
    return problems


def stranger_problems(headers: dict[str, str], origin: str, application: str) -> list[str]:
    """Why a page of `origin`, a stranger's, may use the user's credentials; `headers` in lower case."""
    if headers.get("access-control-allow-credentials", "").lower() != "true":
        return []
    allowed = headers.get("access-control-allow-origin")
    if allowed is None or allowed == application:
        return []
    return [f"credentials are allowed for Access-Control-Allow-Origin: {allowed} when asked from {origin}"]
