"""How each surface asks and answers, as far as timing needs it."""

from __future__ import annotations

import json

import pytest

from pulsegate.harness.wire.dialects import DIALECTS, Piece, Turn

TURN = Turn("And now?", history=(("user", "Hi"), ("assistant", "Hello")), model="m", conversation="c-1")


def test_a_completion_is_asked_for_with_its_history():
    """The turns before come first, and the answer is to be streamed."""
    body = DIALECTS["cmp"].body(TURN)
    assert (body["model"], body["stream"]) == ("m", True)
    assert [message["role"] for message in body["messages"]] == ["user", "assistant", "user"]
    assert body["messages"][-1]["content"] == "And now?"


def test_a_thread_is_created_with_its_first_message():
    """ChatKit wants the text as a typed part of an input."""
    body = DIALECTS["kit"].body(TURN)
    assert body["type"] == "threads.create"
    assert body["params"]["input"]["content"] == [{"type": "input_text", "text": "And now?"}]


def test_a_run_has_a_thread_and_ids():
    """AG-UI wants an id for each message, the conversation as its thread, and a new run each time."""
    body, again = DIALECTS["agui"].body(TURN), DIALECTS["agui"].body(TURN)
    assert body["threadId"] == again["threadId"] == "c-1"
    assert body["runId"] != again["runId"]
    assert len({message["id"] for message in body["messages"]}) == 3
    assert {"state", "tools", "context", "forwardedProps"} <= body.keys()


def test_turns_have_conversations_of_their_own():
    """Unless one is named."""
    assert Turn("a").conversation != Turn("a").conversation


@pytest.mark.parametrize(
    ("surface", "event", "piece"),
    [
        ("cmp", {"choices": [{"delta": {"content": "a"}}]}, Piece("a")),
        ("cmp", {"choices": [{"delta": {"role": "assistant", "content": ""}}]}, Piece()),
        ("cmp", {"choices": [{"delta": {"role": "assistant", "content": None}}]}, Piece()),
        ("cmp", {"choices": [{"delta": {}, "finish_reason": "stop"}]}, Piece()),
        ("cmp", {"choices": [], "usage": {"completion_tokens": 3}}, Piece(tokens=3)),
        ("cmp", {"choices": None, "usage": None}, Piece()),
        ("cmp", {"choices": [{"delta": "a"}]}, Piece()),
        ("cmp", {"type": "heartbeat"}, Piece()),
        ("cmp", {"error": {"message": "x"}}, Piece(problem="the answer reported an error")),
        ("agui", {"type": "TEXT_MESSAGE_CONTENT", "delta": "a"}, Piece("a")),
        ("agui", {"type": "TEXT_MESSAGE_CHUNK", "delta": "a"}, Piece("a")),
        ("agui", {"type": "TEXT_MESSAGE_CHUNK"}, Piece()),
        ("agui", {"type": "TOOL_CALL_ARGS", "delta": "{"}, Piece()),
        ("agui", {"type": "RUN_FINISHED"}, Piece(finished=True)),
        ("agui", {"type": "RUN_ERROR"}, Piece(problem="the answer reported an error")),
        ("kit", {"type": "thread.item.updated",
                 "update": {"type": "assistant_message.content_part.text_delta", "delta": "a"}}, Piece("a")),
        ("kit", {"type": "thread.item.updated", "update": None}, Piece()),
        ("kit", {"type": "progress_update", "text": "a"}, Piece()),
        ("kit", {"type": "error"}, Piece(problem="the answer reported an error")),
    ],
)  # fmt: skip
def test_only_text_is_a_piece_of_text(surface, event, piece):
    """Roles, heartbeats, tools and progress are events, but no tokens."""
    assert DIALECTS[surface].piece(json.dumps(event)) == piece


def test_the_end_marker_is_the_completions_own():
    """It ends a completion; elsewhere it is an event that is not JSON."""
    assert DIALECTS["cmp"].piece("[DONE]") == Piece(finished=True)
    assert DIALECTS["agui"].piece("[DONE]").problem
    assert DIALECTS["kit"].piece("[DONE]").problem


@pytest.mark.parametrize("data", ["", "{", "[" * 100_000, "NaN}"])
def test_data_that_is_not_json_is_a_problem(data):
    """However deep it goes."""
    assert DIALECTS["cmp"].piece(data).problem == "an event of the answer was not JSON"


@pytest.mark.parametrize("data", ["1", "null", '"text"', "[]"])
def test_json_that_is_no_object_says_nothing(data):
    """It is neither text nor a problem of timing."""
    assert DIALECTS["cmp"].piece(data) == Piece()
