"""Surfaces are recognised by their protocol, not by their path."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from pulsegate.harness.contract.registry import ENTRY_CLAUSES
from pulsegate.harness.contract.session import ContractSession
from pulsegate.harness.contract.survey import SurfaceState
from pulsegate.harness.errors import TargetUnreachable
from pulsegate.harness.profile import Profile
from pulsegate.harness.target import Target

SECRET = {"PULSEGATE_JWT_SECRET": "a-secret-of-at-least-thirty-two-bytes"}

Serve = Callable[..., Any]


async def states(url: str, answer_timeout_s: float = 5.0, **sections: Any) -> dict[str, SurfaceState]:
    profile = Profile.model_validate(sections)
    session = ContractSession(Target(url=url, profile=profile, environ=SECRET, answer_timeout_s=answer_timeout_s))
    await session.open()
    await session.close()
    return session.surfaces


ALL_NAMED = {"surfaces": {surface: getattr(Profile().surfaces, surface) or "/agent" for surface in ENTRY_CLAUSES}}


async def test_html_everywhere_breaks_every_surface(serve: Serve, answers: Any) -> None:
    """A front end that answers everything is a fault on default paths too."""
    server = serve(lambda asked: answers.html)
    found = await states(server.url, surfaces={"agui": "/agent"})

    assert all(state.offered for state in found.values())
    assert found["sse"].broken == "/api/copilotkit answers text/html"
    assert {name for name, state in found.items() if "text/html" in state.broken} >= {
        "health",
        "sse",
        "rt",
        "run",
        "kit",
        "agui",
    }


@pytest.mark.parametrize("status", [404, 405])
async def test_nothing_at_a_default_path_is_not_offered(serve: Serve, answers: Any, status: int) -> None:
    """The user never said that it is there; the warning says how to."""
    server = serve(lambda asked: answers.answer(status, "application/json", "{}"))
    found = await states(server.url)

    assert not any(state.offered for state in found.values())
    assert found["chat"].reason == f"{status} at /api/v1/chat"
    assert "name its path under [surfaces]" in found["chat"].warning


async def test_nothing_at_a_named_path_is_broken(serve: Serve, answers: Any) -> None:
    """The very failure that the deployment guide troubleshoots."""
    server = serve(lambda asked: answers.missing)
    found = await states(server.url, **ALL_NAMED)

    assert all(state.offered for state in found.values())
    assert found["sse"].broken == "/api/copilotkit answers 404, and the profile names it"


async def test_what_the_profile_switches_off_is_not_asked_for(serve: Serve, answers: Any) -> None:
    """False means not offered, without a request."""
    server = serve(lambda asked: answers.ok)
    found = await states(server.url, surfaces=dict.fromkeys(ENTRY_CLAUSES, False))

    assert not any(state.offered for state in found.values())
    assert server.asked == []


async def test_silence_is_broken(serve: Serve, answers: Any) -> None:
    """A surface that takes connections and never answers is offered, and does not work."""
    server = serve(lambda asked: answers.ok if asked.path == "/health" else answers.silence)
    found = await states(server.url, answer_timeout_s=0.2, surfaces={"agui": "/agent"})
    others = [state for surface, state in found.items() if surface != "health"]

    assert all(state.offered and state.broken and state.mute for state in others)


async def test_silence_of_health_alone_leaves_the_others(serve: Serve, answers: Any) -> None:
    """A target is not given up because its health check is what broke."""
    server = serve(lambda asked: answers.silence if asked.path == "/health" else answers.ok)
    found = await states(server.url, answer_timeout_s=0.5)

    assert found["health"].mute
    assert not found["chat"].broken


@pytest.mark.parametrize("reply", [(b"", True), (b"", False), (b"no HTTP at all\r\n\r\n", False)])
async def test_a_target_that_answers_nothing_is_unreachable(serve: Serve, reply: Any) -> None:
    """Silence, an end without a byte, or garbage at every surface is no target."""
    server = serve(lambda asked: reply)

    with pytest.raises(TargetUnreachable, match=f"{server.url} does not answer: GET {server.url}/health"):
        await states(server.url, answer_timeout_s=0.2)


async def test_nesting_beyond_all_measure_is_an_answer_like_another(serve: Serve, answers: Any) -> None:
    """An event that no JSON parser can descend into is not the `connection` event."""
    bomb = f"data: {'[' * 200_000}\n\n"
    server = serve(lambda asked: answers.events(bomb) if "protocol=sse" in asked.path else answers.ok)

    assert (await states(server.url))["rt"].offered


def rt_answers(reply: Any, answers: Any) -> Callable[[Any], Any]:
    return lambda asked: reply if "protocol=sse" in asked.path else answers.ok


CONNECTION = 'data: {"type":"connection","data":{"status":"connected","authenticated":false}}\n\n'


@pytest.mark.parametrize("named", [False, True])
async def test_rt_that_answers_as_sse_is_not_offered(serve: Serve, answers: Any, named: bool) -> None:
    """A server that ignores the query has only the other stream."""
    server = serve(rt_answers(answers.events(CONNECTION), answers))
    rt = (await states(server.url, **(ALL_NAMED if named else {})))["rt"]

    assert (rt.offered, rt.warning) == (False, "")
    assert "`connection` stream" in rt.reason


@pytest.mark.parametrize("named", [False, True])
async def test_rt_that_answers_json_is_not_offered(serve: Serve, answers: Any, named: bool) -> None:
    """A server without streams answers its status there."""
    server = serve(lambda asked: answers.ok)
    rt = (await states(server.url, **(ALL_NAMED if named else {})))["rt"]

    assert (rt.offered, rt.reason) == (False, "/api/copilotkit?protocol=sse answers JSON")


async def test_rt_that_answers_405_is_not_offered_even_where_named(serve: Serve, answers: Any) -> None:
    """A path that only takes POST has no stream."""
    server = serve(rt_answers(answers.answer(405, "application/json", "{}"), answers))

    assert not (await states(server.url, **ALL_NAMED))["rt"].offered


async def test_rt_is_recognised_by_its_named_event(serve: Serve, answers: Any) -> None:
    """Comments may come first."""
    body = ': hello\n\nevent: connection_established\ndata: {"sessionId":"s","runId":"r"}\n\n'
    server = serve(rt_answers(answers.events(body), answers))
    rt = (await states(server.url))["rt"]

    assert (rt.offered, rt.broken) == (True, "")


async def test_rt_that_ends_before_its_first_event_is_broken(serve: Serve, answers: Any) -> None:
    """A stream of nothing is not recognised as anything else."""
    server = serve(rt_answers(answers.events(": hello\n\n", stay=False), answers))
    rt = (await states(server.url))["rt"]

    assert rt.offered
    assert rt.broken


async def test_rt_that_answers_html_is_broken(serve: Serve, answers: Any) -> None:
    """HTML where a stream was asked for is a fault."""
    server = serve(rt_answers(answers.html, answers))

    assert (await states(server.url))["rt"].broken == "/api/copilotkit?protocol=sse answers text/html"


async def test_json_where_a_stream_was_asked_for_breaks_sse(serve: Serve, answers: Any) -> None:
    """The content type decides."""
    server = serve(lambda asked: answers.ok)

    assert (await states(server.url))["sse"].broken == "/api/copilotkit answers application/json"


async def test_chatkit_at_the_completions_path_is_not_cmp(serve: Serve, answers: Any) -> None:
    """It is surface kit, on another path."""
    page = answers.answer(200, "application/json", json.dumps({"data": [], "has_more": False, "after": None}))
    server = serve(lambda asked: page if asked.path == "/api/v1/chatkit" else answers.ok)
    found = await states(server.url)

    assert not found["cmp"].offered
    assert "ChatKit protocol" in found["cmp"].reason


async def test_an_agent_is_asked_for_only_where_it_is_named(serve: Serve, answers: Any) -> None:
    """No documented backend has an AG-UI agent: without a path it is not offered, and nothing is sent."""
    server = serve(lambda asked: answers.ok)
    agui = (await states(server.url))["agui"]

    assert (agui.offered, agui.reason) == (False, "switched off in the profile")


async def test_an_agent_that_runs_on_anything_is_an_offer(serve: Serve, answers: Any) -> None:
    """Its endless stream is not waited for."""
    stream = answers.events('data: {"type": "RUN_STARTED"}\n\n')
    server = serve(lambda asked: stream if asked.path == "/agent" else answers.ok)
    agui = (await states(server.url, surfaces={"agui": "/agent"}))["agui"]

    assert (agui.offered, agui.broken) == (True, "")


async def test_a_refusal_of_the_probe_is_an_offer(serve: Serve, answers: Any) -> None:
    """A completions endpoint finds the probe's body invalid; it is there."""
    server = serve(lambda asked: answers.answer(422, "application/json", '{"detail":"messages: missing"}'))
    cmp = (await states(server.url))["cmp"]

    assert (cmp.offered, cmp.broken) == (True, "")


async def test_a_403_for_every_websocket_is_not_an_offer(serve: Serve, answers: Any) -> None:
    """Some frameworks refuse unknown WebSocket paths with 403 instead of 404."""
    server = serve(lambda asked: answers.answer(403, "text/plain") if "upgrade" in asked.headers else answers.ok)
    ws = (await states(server.url))["ws"]

    assert not ws.offered
    assert ws.reason == "403, as for an unknown path, at /api/copilotkit/ws"


async def test_a_403_for_this_websocket_is_an_offer(serve: Serve, answers: Any) -> None:
    """Where unknown paths get 404, a 403 is this path's own answer."""

    def script(asked: Any) -> Any:
        return answers.answer(403, "text/plain") if asked.path == "/api/copilotkit/ws" else answers.missing

    ws = (await states(serve(script).url))["ws"]

    assert (ws.offered, ws.broken) == (True, "")


async def test_the_survey_speaks_as_a_user_where_it_can(serve: Serve, answers: Any) -> None:
    """Surfaces that need an identity answer only to one; the others are asked anonymously."""
    server = serve(lambda asked: answers.ok)
    await states(server.url)
    carried = {(asked.method, asked.path.partition("?")[0]): "authorization" in asked.headers for asked in server.asked}

    assert carried["POST", "/api/v1/chatkit"]
    assert carried["POST", "/api/chatkit"]
    assert not carried["GET", "/api/copilotkit/ws"]
