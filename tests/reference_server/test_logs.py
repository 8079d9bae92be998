from __future__ import annotations

import json
import subprocess
import sys
from urllib.parse import quote

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from pulsegate.reference_server.logs import mask_tokens, path_of


async def test_tokens_never_reach_the_log(launch, open_socket, token):
    """However a token is carried, and however bad it is, the log does not hold it: only who it was, in JSON lines."""
    server = launch("--log-level", "debug")
    good, bad, odd = token(), token(exp=1), "not-a-jwt-at-all"
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, verify=False) as client:
        for secret in (good, bad, odd):
            await client.head("/api/copilotkit", params={"token": secret})
            await client.head(f"/api/copilotkit?%74oken={quote(secret)}&TOKEN={secret}")
            await client.post("/ai/chat", headers={"Authorization": f"Bearer {secret}"}, json={"message": "hi"})
            await client.post("/api/v1/chat", headers={"Cookie": f"auth_token={secret}"}, json={"message": "hi"})
        await client.get("/health", headers={"Authorization": f"Bearer {good}"})
    await open_socket(at=server, token=good)
    with pytest.raises(InvalidStatus):
        await open_socket(at=server, token=odd)
    server.stop()

    assert len(server.log.splitlines()) >= 15
    assert not [secret for secret in (good, bad, odd) if secret in server.log]
    entries = [json.loads(line) for line in server.log.splitlines()]
    entry = next(entry for entry in entries if entry.get("path") == "/ai/chat")
    assert (entry["method"], entry["status"], entry["user"]) == ("POST", 200, "alice")
    assert entry["duration_ms"] >= 0


ONE_ENTRY = """
import io, sys
import structlog
from pulsegate.reference_server.logs import configure_logs

class Writes(io.StringIO):
    def write(self, text):
        print(repr(text))

sys.stderr = Writes()
configure_logs("info")
structlog.get_logger().info("request", path="/")
"""


def test_an_entry_is_one_write():
    """Workers share a log, even unbuffered: an entry is never torn apart by another's."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", ONE_ENTRY], capture_output=True, text=True, timeout=30, check=True
    )
    [written] = done.stdout.splitlines()
    assert (written[:2], written[-4:]) == ("'{", "}\\n'")


def test_missing_secret_is_said_once(launch, token):
    """Without a secret every token is refused, and the log says why."""
    server = launch(secret=None)
    answer = httpx.post(
        server.url + "/api/chatkit/session", headers={"Authorization": f"Bearer {token()}"}, trust_env=False
    )
    server.stop()

    assert answer.status_code == 401
    assert server.log.count("PULSEGATE_JWT_SECRET") == 1


def test_path_keeps_what_is_no_secret():
    """Only the values of secret parameters are masked."""
    scope = {"path": "/p", "query_string": b"protocol=sse&token=abc&Auth_Token=x&sessionId=a%20b"}

    assert path_of(scope) == "/p?protocol=sse&token=***&Auth_Token=***&sessionId=a+b"


def test_what_looks_like_a_token_is_masked_anywhere():
    """A token in an exception's text does not slip through."""
    entry = mask_tokens(None, "", {"exception": "bad eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.sig-nature!", "n": 1})

    assert entry == {"exception": "bad ***!", "n": 1}
