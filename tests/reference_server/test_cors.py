from __future__ import annotations

import pytest

ORIGIN = "http://localhost:3000"


@pytest.mark.parametrize(
    "header",
    [
        "Authorization",
        "Content-Type",
        "X-Conversation-Id",
        "Last-Event-ID",
        "X-ChatKit-Secret",
        "Idempotency-Key",
        "X-Pulsegate-Stamp",
    ],
)
async def test_preflight_admits_what_clients_send(http, header):
    """The configured origin may send each of the headers."""
    response = await http.options(
        "/api/v1/chatkit",
        headers={
            "Origin": ORIGIN,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": header.lower(),
        },
    )

    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == ORIGIN
    assert response.headers["access-control-allow-credentials"] == "true"
    assert header.lower() in response.headers["access-control-allow-headers"].lower()


async def test_answers_name_the_origin_and_expose_the_conversation(http):
    """Answers to the configured origin carry its name, never a star."""
    async with http.stream("GET", "/api/copilotkit", headers={"Origin": ORIGIN}) as response:
        assert response.headers["access-control-allow-origin"] == ORIGIN
        assert response.headers["access-control-allow-credentials"] == "true"
        assert "X-Conversation-Id" in response.headers["access-control-expose-headers"]
        assert "Origin" in response.headers["vary"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:3001", ORIGIN + ".evil.example"])
async def test_other_origins_are_not_admitted(http, origin):
    """No other origin is named, in answers or preflights."""
    answer = await http.get("/health", headers={"Origin": origin})
    preflight = await http.options("/ai/chat", headers={"Origin": origin, "Access-Control-Request-Method": "POST"})

    assert "access-control-allow-origin" not in answer.headers
    assert "access-control-allow-origin" not in preflight.headers


def test_several_origins_can_be_configured(launch, open_socket):
    """Each of the origins given by flag is admitted, and the default is not."""
    import httpx

    server = launch("--cors-origin", "https://one.example", "--cors-origin", "https://two.example")
    named = [
        httpx.get(server.url + "/health", headers={"Origin": origin}, trust_env=False).headers.get(
            "access-control-allow-origin"
        )
        for origin in ("https://one.example", "https://two.example", ORIGIN)
    ]

    assert named == ["https://one.example", "https://two.example", None]
