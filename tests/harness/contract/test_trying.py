"""The command that shows a failure again."""

from __future__ import annotations

from datetime import UTC, datetime

from pulsegate.harness.contract.trying import LONGEST_SENT, try_line
from pulsegate.harness.record import Exchange


def socket(curl: str, *sent: str, status: int = 101, url: str = "ws://h/") -> Exchange:
    parts = {"kind": "websocket", "method": "GET", "url": url, "started_at": datetime.now(UTC)}
    return Exchange(**parts, status=status, sent=list(sent), curl=curl)


def test_the_message_in_question_is_sent_again() -> None:
    """Of many messages the one that the failure names, quoted for a shell."""
    one = socket("pulsegate ws URL", '{"id": "a-1"}', '{"id": "it\'s a-2"}', '{"id": "a-3"}')

    assert try_line([one], "no echo of a-2") == """pulsegate ws URL --send '{"id": "it'"'"'s a-2"}'"""


def test_the_last_messages_are_sent_where_none_is_named() -> None:
    """What was sent last is most likely what failed; what is too long for a command is left out."""
    one = socket("pulsegate ws URL", "1st", "2nd", "3rd", "4th", "x" * (LONGEST_SENT + 1))

    assert try_line([one], "it closed") == "pulsegate ws URL --send 2nd --send 3rd --send 4th"


def test_another_clients_message_is_sent_while_this_one_listens() -> None:
    """What did not arrive as it was sent takes two clients to see."""
    sender, reader = socket("pulsegate ws SENDER", "note-7"), socket("pulsegate ws READER", "fence-1")

    assert try_line([sender, reader], "note-7 did not arrive") == (
        "pulsegate ws READER | sed 's/^/listener /' & sleep 2; pulsegate ws SENDER --send note-7; wait"
    )


def test_a_client_has_company_where_it_had_some() -> None:
    """Another client of its session listens, for some failures show only there; one of another session does not."""
    own = socket("pulsegate ws OWN", "note-7", url="ws://h/?sessionId=r&agentId=a")
    fellow = socket("pulsegate ws FELLOW", url="ws://h/?sessionId=r&agentId=b")
    stranger = socket("pulsegate ws STRANGER", url="ws://h/?sessionId=s")

    assert try_line([fellow, stranger, own], "note-7 came back") == (
        "pulsegate ws FELLOW | sed 's/^/listener /' & sleep 2; pulsegate ws OWN --send note-7; wait"
    )
    assert try_line([stranger, own], "note-7 came back") == "pulsegate ws OWN --send note-7"


def test_a_refused_upgrade_is_repeated_as_it_was() -> None:
    """Nothing was sent, and nothing is."""
    assert try_line([socket("curl URL", status=403)], "403") == "curl URL"
    assert try_line([], "nothing") == ""
