from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from pulsegate.reference_server.__main__ import main
from pulsegate.reference_server.services import StoreUnusable, open_store


@pytest.mark.parametrize(
    "flags",
    [("--port", "x"), ("--heartbeat", "0"), ("--cors-origin", "*"), ("--surprise",), ("--store", ""), ("--port",)],
)
def test_wrong_flags_get_one_sentence_and_exit_2(capsys, flags):
    """The sentence names the flag; there is no usage text and no traceback."""
    assert main(flags) == 2

    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert flags[0] in printed.err


def test_taken_port_gets_one_sentence(capsys):
    """A port in use is named, and the exit code says that nothing was started."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["--port", str(port)]) == 3

    printed = capsys.readouterr()
    assert printed.err.count("\n") == 1
    assert f"127.0.0.1:{port}" in printed.err


def test_unknown_host_gets_one_sentence(capsys):
    """An address that is not ours cannot be listened on."""
    assert main(["--host", "192.0.2.1", "--port", "0"]) == 3
    assert "192.0.2.1" in capsys.readouterr().err


def test_store_that_cannot_be_opened_gets_one_sentence():
    """A wrong store is reported like any other wrong flag."""
    command = [sys.executable, "-m", "pulsegate.reference_server", "--port", "0", "--store", "nonsense"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)

    assert result.returncode == 2
    assert "--store" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("url", ["oracle://x", "sqlite+aiosqlite://"])
async def test_each_store_failure_is_one_sentence(url):
    """Missing drivers and stores that connections cannot share are told in one line."""
    with pytest.raises(StoreUnusable) as problem:
        await open_store(url)

    assert "\n" not in str(problem.value)
