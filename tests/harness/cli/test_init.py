"""`pulsegate init --target`: a profile made of what the server answers."""

from __future__ import annotations

import socket
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from pulsegate.harness.reference import ReferenceServer

SURFACES = {
    "health": "/health",
    "sse": "/api/copilotkit",
    "rt": "/api/copilotkit?protocol=sse",
    "run": "/api/copilotkit",
    "ws": "/api/copilotkit/ws",
    "kit": "/api/chatkit",
    "cmp": "/api/v1/chatkit",
    "chat": "/api/v1/chat",
    "fall": "/ai/chat",
    "agui": "/api/agui",
}


@pytest.fixture(scope="module")
def server() -> Iterator[ReferenceServer]:
    """A healthy reference server."""
    with ReferenceServer(settings={"heartbeat_s": 1}) as running:
        yield running


@pytest.fixture
def planted() -> Iterator[ReferenceServer]:
    """One with the stream's path answered by a web page."""
    with ReferenceServer(settings={"heartbeat_s": 1, "faults": ("sse-html-fallback",)}) as running:
        yield running


def written(folder) -> tuple[str, dict]:
    text = (folder / "pulsegate.toml").read_text()
    return text, tomllib.loads(text)


def test_every_surface_is_found(pulsegate, tmp_path, server):
    """With the secret everything is recognised, measured and told; the next command is named."""
    result = pulsegate("init", "--target", server.url, PULSEGATE_JWT_SECRET=server.secret)
    assert result.returncode == 0, result.stderr
    _, profile = written(tmp_path)
    assert profile["surfaces"] == SURFACES
    assert profile["timing"]["heartbeat_s"] == 1.0
    assert profile["cors"]["origin"] == "http://localhost:3000"
    assert profile["metrics"]["open_streams"]["ws"] == 'open_streams{surface="ws"}'
    assert "/api/chatkit" in result.stdout
    assert result.stdout.strip().splitlines()[-1] == "wrote pulsegate.toml; read it, then: pulsegate check"
    checked = pulsegate("check", "--surface", "health", "--surface", "fall", PULSEGATE_JWT_SECRET=server.secret)
    assert checked.returncode == 0, checked.stdout


def test_without_an_identity_it_is_asked_for(pulsegate, tmp_path, server):
    """What refuses to answer is named by its path, and the profile asks for tokens."""
    assert pulsegate("init", "--target", server.url).returncode == 0
    text, profile = written(tmp_path)
    assert profile["surfaces"] == SURFACES
    assert profile["identities"] == {}
    assert "# ? Which tokens does the server accept? kit, cmp, chat" in text
    assert "export PULSEGATE_JWT_SECRET=..." in text


def test_a_token_of_the_environment_is_named_and_never_written(pulsegate, tmp_path, server):
    """--token-env uses the token; the profile holds the variable's name alone."""
    result = pulsegate("init", "--target", server.url, "--token-env", "MY_TOKEN", MY_TOKEN="not-a-valid-token")
    assert result.returncode == 0
    text, profile = written(tmp_path)
    assert profile["identities"]["alice_token_env"] == "MY_TOKEN"
    assert "refused: is it the right one?" in text
    assert "not-a-valid-token" not in text + result.stdout


def test_what_does_not_work_is_asked_about(pulsegate, tmp_path, planted):
    """A web page in place of the stream is no stream, and the profile asks whether one belongs there."""
    assert pulsegate("init", "--target", planted.url).returncode == 0
    text, profile = written(tmp_path)
    assert profile["surfaces"]["sse"] is False
    assert "200 with a web page at /api/copilotkit" in text
    assert "# ? Should rt, sse be there after all?" in text


def test_nobody_listening_writes_nothing(pulsegate, tmp_path):
    """A port where nothing listens gives exit code 3, one sentence and no file."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        result = pulsegate("init", "--target", url)
    assert result.returncode == 3
    [line] = result.stderr.strip().splitlines()
    assert url in line
    assert list(tmp_path.iterdir()) == []


def test_a_server_without_any_surface_writes_nothing(pulsegate, tmp_path):
    """Where nothing is recognised the exit code is 3, what was tried is shown, and there is no file."""
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as files:
        Thread(target=files.serve_forever, args=(0.01,), daemon=True).start()
        result = pulsegate("init", "--target", f"http://127.0.0.1:{files.server_port}")
        files.shutdown()
    assert result.returncode == 3
    assert "offers no surface that Pulsegate knows" in result.stderr
    assert "/api/copilotkit" in result.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_login_is_left_out(pulsegate, tmp_path, server):
    """A password within the address is never written."""
    result = pulsegate("init", "--target", server.url.replace("//", "//me:hunter22@"), "--no-post")
    assert result.returncode == 0, result.stderr
    text, profile = written(tmp_path)
    assert profile["target"]["url"] == server.url
    assert "hunter22" not in text + result.stdout + result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--target", ""), "--target is empty"),
        (("--target", "http://127.0.0.1:1", "--token-env", "UNSET_OF_MINE"), "UNSET_OF_MINE"),
        (("--target", "http://127.0.0.1:1", "--timeout", "0"), "--timeout"),
        (("a.toml", "--profile", "b.toml"), "give one of them"),
    ],
)
def test_wrong_use_is_named(pulsegate, tmp_path, arguments, words):
    """Each wrong value is refused before anything is sent or written."""
    result = pulsegate("init", *arguments)
    assert result.returncode == 2
    assert words in result.stderr
    assert list(tmp_path.iterdir()) == []
