from __future__ import annotations

import time

from starlette.requests import HTTPConnection

from pulsegate.reference_server.stamps import Stamper, stamper_for
from pulsegate.reference_server.streaming import comment_frame, sse_frame


def test_frame_of_an_object_is_json_on_one_line():
    """An object is sent as compact JSON, with id and name when given."""
    assert sse_frame({"a": "é\n"}) == 'data: {"a":"é\\n"}\n\n'.encode()
    assert sse_frame({}, "named", 7) == b"id: 7\nevent: named\ndata: {}\n\n"


def test_frame_of_a_text_is_the_text():
    """A text is sent as it stands, each line in a field of its own."""
    assert sse_frame("[DONE]") == b"data: [DONE]\n\n"
    assert sse_frame("a\nb") == b"data: a\ndata: b\n\n"


def test_comment_is_no_event():
    """A comment has no field."""
    assert comment_frame("keepalive") == b": keepalive\n\n"


def connection(query=b"", headers=()):
    return HTTPConnection({"type": "http", "query_string": query, "headers": list(headers)})


def test_stamps_are_given_only_on_request():
    """Header or query ask for stamps; anything else does not."""
    assert stamper_for(connection(b"stamp=1")).enabled
    assert stamper_for(connection(headers=[(b"x-pulsegate-stamp", b"1")])).enabled
    assert not stamper_for(connection(b"stamp=0")).enabled
    assert not stamper_for(connection()).enabled


def test_stamp_counts_and_dates_what_is_sent():
    """Sequence numbers start at 1; the time is the time of the call; the original stays as it was."""
    stamper = Stamper(enabled=True)
    original = {"a": 1}
    before = time.time_ns()
    stamped = [stamper.stamp(original) for _ in range(2)]

    assert [entry["stamp"]["seq"] for entry in stamped] == [1, 2]
    assert before <= stamped[0]["stamp"]["emitted_ns"] <= stamped[1]["stamp"]["emitted_ns"] <= time.time_ns()
    assert original == {"a": 1}
    assert Stamper(enabled=False).stamp(original) is original
