"""Reading, changing and writing what the server sends."""

from __future__ import annotations

import pytest

from pulsegate.reference_server.planted import UnknownName, check_planted
from pulsegate.reference_server.tampering import Event, read_event, surface_of


@pytest.mark.parametrize(
    "frame",
    [
        b'data: {"a":1}\n\n',
        b'id: 7\nevent: agent_update\ndata: {"a":"\xc3\xa4"}\n\n',
        b"data: [DONE]\n\n",
        b"event: note\ndata: two\ndata: lines\n\n",
    ],
)
def test_an_event_that_is_read_is_written_the_same(frame):
    """Reading and writing a frame of this server gives the same bytes."""
    event = read_event(frame, 1)
    assert event is not None
    assert event.encode() == frame


@pytest.mark.parametrize("frame", [b": keepalive\n\n", b"retry: 2000\n\n"])
def test_a_frame_without_data_is_no_event(frame):
    """Comments and retry hints pass every event rule untouched."""
    assert read_event(frame, 1) is None


def test_a_changed_event_keeps_its_id_and_name():
    """Changing data leaves the rest of the frame."""
    event = Event({"a": 1, "b": 2}, "note", "7", 3).changed(a=5)
    assert event == Event({"a": 5, "b": 2}, "note", "7", 3)


@pytest.mark.parametrize(
    ("method", "path", "query", "surface"),
    [
        ("GET", "/api/copilotkit", b"", "sse"),
        ("HEAD", "/api/copilotkit", b"token=x", "sse"),
        ("GET", "/api/copilotkit", b"protocol=sse&sessionId=1", "rt"),
        ("POST", "/api/copilotkit", b"", "run"),
        ("POST", "/api/chatkit/session", b"", "kit"),
        ("POST", "/api/chatkit", b"", "kit"),
        ("POST", "/api/v1/chatkit", b"", "cmp"),
        ("GET", "/metrics", b"", ""),
    ],
)
def test_a_request_belongs_to_one_surface(method, path, query, surface):
    """The surface follows from method, path and query."""
    assert surface_of({"type": "http", "method": method, "path": path, "query_string": query}) == surface


def test_an_unknown_name_is_refused_with_the_nearest():
    """A mistyped fault names the one that was meant."""
    with pytest.raises(UnknownName, match="did you mean sse-heartbeat-late-once"):
        check_planted(("sse-heartbeat-late-onc",), ())
    with pytest.raises(UnknownName, match="it is a variation: --vary stream-bom"):
        check_planted(("stream-bom",), ())
    with pytest.raises(UnknownName, match="it is a fault: --fault sse-html-fallback"):
        check_planted((), ("sse-html-fallback",))
    with pytest.raises(UnknownName, match=r"did you mean the variation stream-bom \(--vary\)"):
        check_planted(("stream-bomm",), ())
    with pytest.raises(UnknownName, match="variation"):
        check_planted((), ("nonsense",))
