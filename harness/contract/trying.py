"""The command that shows a failure again, ready to be pasted into a POSIX shell."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

from pulsegate.harness.contract.relevance import relevant
from pulsegate.harness.record import Exchange

#: So many of the last messages that were sent to a WebSocket are sent again where none is known to be the one.
MOST_SENT = 3
#: A longer message is too long for a command, in characters.
LONGEST_SENT = 2000


def try_line(exchanges: Sequence[Exchange], sentence: str) -> str:
    """What repeats the last of `exchanges` that has a command; of a WebSocket, among the clients that it had."""
    last = next((exchange for exchange in reversed(exchanges) if exchange.curl), None)
    if last is None:
        return ""
    if last.kind != "websocket" or last.status != 101:
        return last.curl
    sender, told = _sender(exchanges, last, sentence)
    sends = "".join(f" --send {shlex.quote(text)}" for text in told)
    if not told:
        return last.curl
    listener = last if sender is not last else _company(exchanges, last)
    if listener is None:
        return f"{last.curl}{sends}"
    return f"{listener.curl} | sed 's/^/listener /' & sleep 2; {sender.curl}{sends}; wait"


def _company(exchanges: Sequence[Exchange], last: Exchange) -> Exchange | None:
    """Another client of the same session: some failures show only where there is one, or at that one."""
    session = _session(last)
    others = (one for one in reversed(exchanges) if one.kind == "websocket" and one.status == 101 and one.curl)
    return next((one for one in others if one.url != last.url and session and _session(one) == session), None)


def _session(exchange: Exchange) -> str:
    return parse_qs(urlsplit(exchange.url).query).get("sessionId", [""])[0]


def _sender(exchanges: Sequence[Exchange], last: Exchange, sentence: str) -> tuple[Exchange, list[str]]:
    """Whose message `sentence` is about, and which; the last ones of `last` where it is about none."""
    others = [one for one in exchanges if one is not last and one.kind == "websocket" and one.status == 101]
    letters = [(one, text) for one in (last, *others) for text in one.sent if len(text) <= LONGEST_SENT]
    places = relevant([text for _, text in letters], sentence)
    if not places:
        return last, [text for one, text in letters if one is last][-MOST_SENT:]
    sender, text = letters[places[0]]
    return sender, [text]
