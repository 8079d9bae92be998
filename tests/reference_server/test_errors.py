from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI
from starlette.middleware import Middleware

from pulsegate.reference_server.errors import CatchErrors, add_handlers


@pytest.fixture
async def client():
    """A client of an application that fails in several ways."""
    app = FastAPI(middleware=[Middleware(CatchErrors)])
    add_handlers(app)

    @app.get("/fails")
    async def fails():
        raise RuntimeError("SELECT * FROM secrets -- /srv/app.py")

    @app.get("/counts")
    async def counts(n: int):
        return n

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        yield client


async def test_unexpected_exception_is_a_plain_500(client):
    """The answer is JSON and says nothing about the inside."""
    response = await client.get("/fails")

    assert response.status_code == 500
    assert response.json() == {"detail": "Internal server error."}


async def test_exception_in_mid_answer_is_not_glossed_over():
    """What has begun is left incomplete, so that the server cuts the connection."""
    sent = []

    async def fails_late(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("too late")

    async def send(message):
        sent.append(message["type"])

    await CatchErrors(fails_late)({"type": "http"}, None, send)

    assert sent == ["http.response.start"]


async def test_invalid_parameter_is_one_sentence(client):
    """A 422 names the place without repeating what was sent."""
    response = await client.get("/counts", params={"n": "surprise"})

    assert response.status_code == 422
    assert response.json()["detail"].startswith("query.n: ")
    assert "surprise" not in response.text
