"""Planted changes by name."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pulsegate.reference_server import faults, variations
from pulsegate.reference_server.planted import names_in

#: Plants each of the named changes in a process of its own, for what is planted stays: exits 1 naming those that fail.
PLANT_EACH = """
import asyncio, os, sys
from pulsegate.reference_server.app import create_app
from pulsegate.reference_server.planted import plant_all
from pulsegate.reference_server.services import open_services
from pulsegate.reference_server.settings import Settings
from pulsegate.reference_server.tampering import Seams

def plants(app, services, kind, name):
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] == 0
    try:
        plant_all(Seams(app, services), *([(name,), ()] if kind == "faults" else [(), (name,)]))
        os._exit(0)
    except BaseException as problem:
        print(f"{name}: {problem!r}", flush=True)
        os._exit(1)

async def main(kind, names):
    async with open_services(Settings()) as services:
        app = create_app(services)
        return all([plants(app, services, kind, name) for name in names])

sys.exit(not asyncio.run(main(sys.argv[1], sys.argv[2:])))
"""


@pytest.mark.parametrize("package", [faults, variations], ids=["faults", "variations"])
def test_every_planted_change_finds_what_it_takes_hold_of(package):
    """None names a function or a member that the server no longer has."""
    kind = package.__name__.rpartition(".")[2]
    done = subprocess.run(
        [sys.executable, "-P", "-c", PLANT_EACH, kind, *names_in(package)],
        capture_output=True, text=True, timeout=50, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
