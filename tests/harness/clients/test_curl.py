"""Commands to paste, checked by a real shell."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pulsegate.harness.clients.curl import curl_command
from pulsegate.harness.clients.masking import Masker
from pulsegate.harness.clients.options import ConnectOptions
from pulsegate.harness.clients.request import Request

TOKEN = "t0ken-of-alice"
MASKER = Masker({TOKEN: "$ALICE_TOKEN"})


def arguments_in_a_shell(command: str) -> list[bytes]:
    """What `curl` would be given by a POSIX shell that has the token in its variable."""
    script = 'curl() { for one; do printf "%s\\0" "$one"; done; }\n' + command
    done = subprocess.run(
        ["/bin/sh", "-c", script], env={"ALICE_TOKEN": TOKEN}, stdin=subprocess.DEVNULL, capture_output=True, check=True
    )
    return done.stdout.split(b"\0")[:-1]


def command(request: Request, kind: str = "http", options: ConnectOptions | None = None) -> str:
    return curl_command(request, kind, MASKER, options or ConnectOptions())


def test_a_stream_with_a_token():
    """A stream is asked for unbuffered, and the token is a variable in double quotes."""
    request = Request("GET", "http://h/s", (("Accept", "text/event-stream"), ("Authorization", f"Bearer {TOKEN}")))

    assert (
        command(request, "stream")
        == "curl -i -N -H 'Accept: text/event-stream' -H \"Authorization: Bearer $ALICE_TOKEN\" http://h/s"
    )


@pytest.mark.parametrize(
    "value",
    ["plain", "it's", 'say "hi"', "cost $5 `id` \\ !", "new\nline", "é €", f"{TOKEN}", f"a{TOKEN}b!", f"$x {TOKEN}'\""],
)
def test_the_shell_gives_back_every_value(value):
    """Header values, bodies and URLs reach curl exactly, with the token filled in."""
    request = Request("POST", f"http://h/{TOKEN}?q=1&r=2", (("X", value), ("Content-Type", "t")), value.encode())
    shown = command(request)

    assert TOKEN not in shown
    assert [
        "-i", "-H", f"X: {value}", "-H", "Content-Type: t", "--data", value, f"http://h/{TOKEN}?q=1&r=2",
    ] == [word.decode() for word in arguments_in_a_shell(shown)]  # fmt: skip


def test_a_body_that_is_no_text_comes_from_printf():
    """Any bytes can be pasted: they are piped from printf."""
    shown = command(Request("POST", "http://h/", (("Content-Type", "x"),), bytes(range(256))))
    piped = shown.partition(" | ")[0]
    done = subprocess.run(["/bin/sh", "-c", piped], capture_output=True, check=True)

    assert bytes(range(256)) == done.stdout
    assert shown.endswith("--data-binary @- http://h/")


def test_a_long_body_is_named():
    """A body too long to paste is a file of the user's, and the command says how long it was."""
    shown = command(Request("POST", "http://h/", (), b"x" * 9000))

    assert shown.startswith("# BODY_FILE holds the 9000 bytes of the body\ncurl -i ")
    assert '--data-binary @"$BODY_FILE"' in shown


@pytest.mark.parametrize(
    ("request_", "kind", "shown"),
    [
        (Request("HEAD", "http://h/"), "http", "curl -I http://h/"),
        (Request("GET", "http://[::1]:8/"), "http", "curl -i -g 'http://[::1]:8/'"),
        (Request("GET", "http://h/a/../b"), "http", "curl -i --path-as-is http://h/a/../b"),
        (Request("DELETE", "http://h/"), "http", "curl -i -X DELETE http://h/"),
        (Request("POST", "http://h/"), "http", "curl -i -X POST http://h/"),
        (Request("OPTIONS", "http://h/"), "http", "curl -i -X OPTIONS http://h/"),
        (Request("GET", "http://h/", (("X-Empty", ""),)), "http", "curl -i -H 'X-Empty;' http://h/"),
        (
            Request("POST", "http://h/", (), b"@f"),
            "http",
            "curl -i -H 'Content-Type: application/octet-stream' --data-raw @f http://h/",
        ),
        (
            Request("GET", "http://h/ws"),
            "websocket",
            (
                "curl -i -N --http1.1 -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' "
                "-H 'Sec-WebSocket-Key: cHVsc2VnYXRlIGNoZWNrcw==' http://h/ws"
            ),
        ),
    ],
)
def test_each_kind_of_request(request_, kind, shown):
    """Methods, awkward addresses, empty fields and upgrades get the options that curl needs."""
    assert shown == command(request_, kind)


def test_the_runs_own_tls_settings_are_kept():
    """--insecure and --ca-file become curl's own options, for https only."""
    insecure, trusting = ConnectOptions(insecure=True), ConnectOptions(ca_file=Path("/a b/ca.pem"))

    assert command(Request("GET", "https://h/"), options=insecure) == "curl -i -k https://h/"
    assert command(Request("GET", "https://h/"), options=trusting) == "curl -i --cacert '/a b/ca.pem' https://h/"
    assert command(Request("GET", "http://h/"), options=insecure) == "curl -i http://h/"
