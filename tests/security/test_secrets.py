"""What a run is told in confidence is in nothing it writes, and in nothing that the server writes."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import jwt
import pytest

from pulsegate.harness.reference import ReferenceServer

HEADER_SECRET = "header-secret+with/signs=1234567890"
PASSWORD = "password-in-the-url-1234567890"
REPORTS = ("--json", "out.json", "--html", "out.html", "--junit", "out.xml", "--markdown", "out.md", "--output", "run")


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[ReferenceServer]:
    """A server with all its logs."""
    folder = tmp_path_factory.mktemp("confidential")
    settings = {"heartbeat_s": 0.5, "word_gap_ms": 0, "audit_log": str(folder / "audit"), "log_level": "debug"}
    with ReferenceServer(log=folder / "log", settings=settings) as running:
        yield running


def ready_token(server: ReferenceServer, name: str) -> str:
    """A token that somebody else made, good for long."""
    return jwt.encode({"sub": name, "email": f"{name}@example.com", "exp": 4_000_000_000}, server.secret)


def shapes_of(secret: str) -> set[bytes]:
    """A secret as it is, as a query carries it, and as Basic credentials do."""
    return {secret.encode(), quote(secret, safe="").encode(), base64.b64encode(f"alice:{secret}".encode())}


def told(folder: Path, secrets: dict[str, str]) -> list[tuple[str, str]]:
    """Which file tells which secret."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert files
    return [
        (str(file.relative_to(folder)), name)
        for file in files
        for name, secret in secrets.items()
        if any(shape in file.read_bytes() for shape in shapes_of(secret))
    ]


def profile(folder: Path, url: str, identities: str) -> None:
    """The profile that a command finds by itself."""
    text = f'[target]\nurl = "{url}"\n[identities]\n{identities}\n[metrics]\nurl = "/metrics"\n'
    (folder / "pulsegate.toml").write_text(text)


@pytest.mark.parametrize(
    "command",
    [
        ("check", "--surface", "chat", "--surface", "kit", "--surface", "fall", *REPORTS),
        ("check", "--surface", "sse", "--select", "SSE-4", "--select", "SSE-5", *REPORTS),
        ("load", "chat", "--users", "2", "--duration", "4s", *REPORTS),
        ("load", "heartbeat", "--users", "3", "--duration", "4s", *REPORTS),
        ("init", "--force"),
    ],
    ids=["check", "check-streams", "load-chat", "load-heartbeat", "init"],
)
@pytest.mark.parametrize("kind", ["minted", "ready"])
def test_no_result_and_no_log_tells_a_secret(pulsegate, tmp_path, server, command, kind):
    """Neither what a command prints nor any file of the run, nor the server's logs, hold a token or a secret."""
    tokens = {"MY_ALICE": ready_token(server, "alice"), "MY_BOB": ready_token(server, "bob")}
    if kind == "minted":
        environment = {"MY_SECRET": server.secret}
        profile(tmp_path, server.url, 'jwt_secret_env = "MY_SECRET"')
    else:
        environment = tokens
        profile(tmp_path, server.url, 'alice_token_env = "MY_ALICE"\nbob_token_env = "MY_BOB"')
    (tmp_path / "out").mkdir()
    extra = ("--target", server.url) if command[0] == "init" else ("--header", f"X-Api-Key: {HEADER_SECRET}")

    done = pulsegate(*command, *extra, **environment)

    # 3: a busy machine has spoiled a load's figures; what it asked and wrote is the same
    assert done.returncode in (0, 1, 3), done.stderr
    assert command[0] == "init" or list(tmp_path.rglob("record.json")), done.stdout
    (tmp_path / "printed").write_text(done.stdout + done.stderr)
    signatures = {f"signature of {name}": token.rpartition(".")[2] for name, token in tokens.items()}
    secrets = {**environment, **signatures, "header": HEADER_SECRET, "server": server.secret}
    assert told(tmp_path, secrets) == []
    assert told(server.log.parent, secrets) == []
    for log in server.log.parent.iterdir():
        assert b"eyJ" not in log.read_bytes(), log.name


def test_the_server_has_seen_who_it_was(server):
    """The runs before did present their tokens: the logs name the users, and refusals of bad tokens."""
    assert '"user": "alice"' in server.log.read_text()
    assert '"token.refused"' in (server.log.parent / "audit").read_text()


def test_credentials_in_the_address_are_not_told(pulsegate, tmp_path, server):
    """A password in a URL is used and never shown."""
    url = server.url.replace("http://", f"http://alice:{PASSWORD}@")

    done = pulsegate("check", "--target", url, "--surface", "health", *REPORTS)

    (tmp_path / "printed").write_text(done.stdout + done.stderr)
    assert told(tmp_path, {"password": PASSWORD}) == []
