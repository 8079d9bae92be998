"""One look at each surface before a load."""

from __future__ import annotations

import socket

import pytest

from pulsegate.harness.errors import CouldNotMeasure, TargetUnreachable
from pulsegate.harness.loading.first_look import look_first
from pulsegate.harness.profile import Profile, Surfaces
from pulsegate.harness.target import Target

STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\ndata: 1\n\n"


def answer(status: str, content_type: str = "application/json"):
    """An answer of `status` without a body."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    return lambda peer: peer.sendall(head.encode())


def naming(target: Target, **surfaces: str) -> Target:
    """`target` with a profile that names paths itself."""
    return target.model_copy(update={"profile": Profile(surfaces=Surfaces(**surfaces))})


def test_a_stream_is_worth_loading(serve):
    """Nothing is said of a surface that answers with a stream."""
    target = serve(lambda peer: peer.sendall(STREAM))
    assert look_first(target, ["sse"]) == (target, [])


def test_what_is_not_there_is_left_out_with_a_warning(serve):
    """A 404 on a default path leaves that surface out, and says how to name another path."""

    def serve_one(peer: socket.socket) -> None:
        answer("404 Not Found")(peer) if b"Upgrade" in peer.asked else peer.sendall(STREAM)

    target, warnings = look_first(serve(serve_one), ["sse", "ws"])
    assert target.profile.surfaces.ws is False
    assert target.profile.surfaces.sse == "/api/copilotkit"
    [warning] = warnings
    assert warning.startswith("not loaded: ws: /api/copilotkit/ws answers 404; name its path under [surfaces]")


def test_a_target_without_any_of_the_surfaces_is_not_loaded(serve):
    """404 everywhere is one sentence, and no load."""
    with pytest.raises(CouldNotMeasure, match=r"sse: /api/copilotkit answers 404.*ws: /api/copilotkit/ws answers 404"):
        look_first(serve(answer("404 Not Found")), ["sse", "ws"])


def test_a_path_that_the_profile_names_must_be_there(serve):
    """Who names a path wants it loaded: a 404 there ends the run."""

    def serve_one(peer: socket.socket) -> None:
        answer("404 Not Found")(peer) if b"/mine" in peer.asked else peer.sendall(STREAM)

    with pytest.raises(CouldNotMeasure, match="ws: /mine answers 404"):
        look_first(naming(serve(serve_one), ws="/mine"), ["sse", "ws"])


def test_a_missing_identity_is_named(serve):
    """A 401 without an identity says which variable would give one."""
    with pytest.raises(CouldNotMeasure, match=r"cmp: /api/v1/chatkit answers 401; no identity: .*PULSEGATE_JWT_SECRET"):
        look_first(serve(answer("401 Unauthorized")), ["cmp"])


def test_an_identity_that_is_refused_is_not_called_missing(serve, tmp_path):
    """A 401 in spite of a token says that the token is not accepted, and never shows it."""
    tokens = tmp_path / "tokens.txt"
    tokens.write_text("hush-hush-token\n")
    with pytest.raises(CouldNotMeasure, match=r"the first token of .*tokens.txt is not accepted") as refused:
        look_first(serve(answer("401 Unauthorized")), ["cmp"], tokens)
    assert "hush" not in str(refused.value)


def test_a_page_is_no_stream(serve):
    """HTML in place of a stream is named before thousands of connections find it."""
    with pytest.raises(CouldNotMeasure, match="sse: /api/copilotkit answers 200 text/html instead of an event stream"):
        look_first(serve(answer("200 OK", "text/html")), ["sse"])


def test_what_a_refusal_says_is_shown(serve, tmp_path):
    """The reason is in the body; it is cut, and a token in it is masked."""
    tokens = tmp_path / "tokens.txt"
    tokens.write_text("hush-hush-token\n")
    body = b'{"detail": "no room for hush-hush-token"}' + b"." * 300
    head = b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    with pytest.raises(CouldNotMeasure) as refused:
        look_first(serve(lambda peer: peer.sendall(head % len(body) + body)), ["cmp"], tokens)
    sentence = str(refused.value)
    assert 'answers 503 application/json instead of an event stream: {"detail": "no room for $TOKEN"}...' in sentence
    assert sentence.endswith("...")
    assert len(sentence) < 300


def test_a_target_that_never_answers_is_given_up(serve):
    """Silence is named with the time that it was given."""
    target = serve(lambda peer: peer.recv(1)).model_copy(update={"answer_timeout_s": 0.2})
    with pytest.raises(CouldNotMeasure, match=r"sse: .*no answer within 0.2 s"):
        look_first(target, ["sse"])


def test_nobody_at_the_address_is_unreachable():
    """A port where nobody listens is named once."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        target = Target(url=f"http://127.0.0.1:{taken.getsockname()[1]}", profile=Profile())
        with pytest.raises(TargetUnreachable, match="nothing listens there"):
            look_first(target, ["sse", "ws"])
