"""What a user might pick instead, on the same task: WebSockets held, one heartbeat a second each way.

Artillery comes from npm into a git-ignored folder, Tsung from Debian; one that is absent is skipped with the reason.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from benchmarks.generators import Load
from benchmarks.holding import SETTLE_S, Held, held, observe, wait_for
from benchmarks.processes import ROOT, BenchmarkFailed, Child, running
from benchmarks.server import SILENT
from benchmarks.stamped import Stamped, stamped_server

#: Downloaded tools live here; git-ignored.
TOOLS = ROOT / ".pulsegate-bench"
VERSIONS = tomllib.loads((Path(__file__).parent / "tools.toml").read_text(encoding="utf-8"))
INSTALL_LIMIT_S = 600
#: How long a tool is given to start before it may connect, and what counts as started.
PAUSE_S = 12
_STEADY_S, _STEADY_SHARE = 2.0, 0.01
_BEAT = '{"type":"heartbeat","id":"beat","payload":{}}'


@dataclass(frozen=True)
class Tool:
    """One of them, ready to run: how it is called, and how it was found."""

    name: str
    program: str


def artillery() -> Tool:
    """Artillery, installed at the first call; BenchmarkFailed says why not."""
    package = VERSIONS["artillery"]["package"]
    home = TOOLS / package.replace("@", "-")
    program = home / "node_modules" / "artillery" / "bin" / "run"
    if shutil.which("npm") is None or shutil.which("node") is None:
        raise BenchmarkFailed("no Node with npm on this machine")
    if not program.is_file():
        home.mkdir(parents=True, exist_ok=True)
        (home / "package.json").write_text('{"private": true}\n', encoding="utf-8")
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", package]
        try:
            done = subprocess.run(command, cwd=home, capture_output=True, timeout=INSTALL_LIMIT_S, check=False)  # noqa: S603 - ours
        except subprocess.TimeoutExpired:
            raise BenchmarkFailed(f"npm took more than {INSTALL_LIMIT_S} s") from None
        if done.returncode:
            raise BenchmarkFailed(f"npm could not install {package}")
    return Tool(f"Artillery {package.partition('@')[2]}", str(program))


def tsung() -> Tool:
    """Tsung, if the system has the pinned version; BenchmarkFailed says why not."""
    program, wanted = shutil.which("tsung"), VERSIONS["tsung"]["version"]
    if program is None or shutil.which("epmd") is None:
        raise BenchmarkFailed(f"not installed; `apt-get install {VERSIONS['tsung']['debian_package']}` brings it")
    done = subprocess.run([program, "-v"], capture_output=True, text=True, timeout=20, check=False)  # noqa: S603 - ours
    if wanted not in done.stdout:
        raise BenchmarkFailed(f"{done.stdout.strip()} is there, {wanted} is wanted")
    return Tool(f"Tsung {wanted}", program)


TOOLS_BY_NAME = {"Artillery": artillery, "Tsung": tsung}


def hold_sockets(tool: Tool, load: Load, window_s: float, folder: Path) -> Held:
    """As ``holding.hold`` does for the others."""
    folder.mkdir(parents=True)
    start = _artillery_run if tool.name.startswith("Artillery") else _tsung_run
    with stamped_server(folder) as server, start(tool, server, load, window_s, folder) as child:
        _wait_steady(child)
        before = child.usage()
        if server.stats().opened:
            raise BenchmarkFailed(f"{tool.name} connected before its memory was known")
        wait_for(server, child, load.connections, PAUSE_S + 60 + 4 * load.connections / load.rate)
        sleep(SETTLE_S)
        idle = child.usage()
        window = observe(server, child, window_s, lambda stats: stats.echoes)
        return held(before, idle, window, server.stats())


def _wait_steady(child: Child) -> None:
    """Until its memory stands still."""
    end, last = monotonic() + PAUSE_S - _STEADY_S, 0
    while monotonic() < end:
        sleep(_STEADY_S)
        now = child.usage().memory_bytes
        if abs(now - last) < _STEADY_SHARE * now:
            return
        last = now


def _beats(load: Load, window_s: float) -> int:
    return int(2 * load.connections / load.rate + 2 * SETTLE_S + 2 * window_s) + 30


@contextmanager
def _artillery_run(tool: Tool, server: Stamped, load: Load, window_s: float, folder: Path) -> Iterator[Child]:
    duration = -(-load.connections // load.rate)
    beat = {"send": {"payload": _BEAT, "capture": {"json": "$.id", "as": "beat"}}}
    script = {
        "config": {
            "target": f"ws://127.0.0.1:{server.port}/api/copilotkit/ws?{SILENT}",
            "phases": [
                {"pause": PAUSE_S},
                {"duration": duration, "arrivalCount": load.connections},
            ],
        },
        "scenarios": [
            {"engine": "ws", "flow": [{"loop": [beat, {"think": 1}], "count": _beats(load, window_s)}]},
        ],
    }
    file = folder / "artillery.json"
    file.write_text(json.dumps(script), encoding="utf-8")
    environment = {"ARTILLERY_DISABLE_TELEMETRY": "true", "HOME": str(folder)}
    with running([tool.program, "run", "--quiet", str(file)], folder / "log", environment) as child:
        yield child


_TSUNG = """<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd" []>
<tsung loglevel="notice" version="1.0">
  <clients><client host="127.0.0.1" use_controller_vm="true" maxusers="40000"/></clients>
  <servers><server host="127.0.0.1" port="{port}" type="tcp"/></servers>
  <load>
    <arrivalphase phase="1" duration="{duration}" unit="second">
      <users maxnumber="{connections}" arrivalrate="{rate}" unit="second"/>
    </arrivalphase>
  </load>
  <sessions>
    <session name="hold" probability="100" type="ts_websocket">
      <request><websocket type="connect" path="/api/copilotkit/ws?{silent}"/></request>
      <for from="1" to="{beats}" var="beat">
        <request><websocket type="message" frame="text" ack="parse">{beat}</websocket></request>
        <thinktime value="1" random="false"/>
      </for>
    </session>
  </sessions>
</tsung>
"""


@contextmanager
def _tsung_run(tool: Tool, server: Stamped, load: Load, window_s: float, folder: Path) -> Iterator[Child]:
    """Tsung with a port mapper of its own, for the one that Erlang starts by itself outlives it."""
    file = folder / "tsung.xml"
    mapper_port = _free_port()
    duration = 3 * (load.connections // load.rate + 1)
    file.write_text(
        _TSUNG.format(
            port=server.port, duration=duration, connections=load.connections, rate=load.rate,
            beats=_beats(load, window_s), beat=_BEAT, silent=SILENT,
        ),
        encoding="utf-8",
    )  # fmt: skip
    environment = {
        "HOME": str(folder),
        "ERL_EPMD_PORT": str(mapper_port),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_FLAGS": "-noshell -kernel inet_dist_use_interface {127,0,0,1}",
    }
    epmd = shutil.which("epmd") or os.devnull
    options = ["-n", "-w", str(PAUSE_S), "-I", "127.0.0.1", "-f", str(file), "-l", str(folder / "tsung")]
    command = [tool.program, *options, "start"]
    with running([epmd], folder / "epmd.log", environment) as mapper:
        mapper.wait_until(lambda: _listens(mapper_port), PAUSE_S, "Erlang's port mapper")
        with running(command, folder / "log", environment) as child:
            yield child


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
