"""Pipelines as services run them, as far as a machine without those services can."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: Stands for an installed `pulsegate`: a measuring command leaves a stored record and its exit code; `report` is real.
PULSEGATE = """#!{python}
import os, shutil, subprocess, sys
from pathlib import Path

words = sys.argv[1:]
if words[0] == "report":
    sys.exit(subprocess.call([sys.executable, "-P", "-m", "pulsegate.harness.cli.main", *words]))
Path(os.environ["SEEN"]).write_text("\\n".join(words))
print("::error::what a hostile target sent")
if os.environ["LEAVES"] != "2":
    folder = Path(words[words.index("--output") + 1])
    folder.mkdir(parents=True)
    shutil.copy({record!r}, folder / "record.json")
    command = [sys.executable, "-P", "-m", "pulsegate.harness.cli.main", "report", str(folder), "-q"]
    subprocess.call([*command, "--markdown", str(folder / "report.md"), "--junit", str(folder / "junit.xml")],
                    stdout=subprocess.DEVNULL)
sys.exit(int(os.environ["LEAVES"]))
"""
#: Stands for `python`: makes an environment of programs that write down how they were called.
PYTHON = """#!{python}
import os, shutil, sys
from pathlib import Path

words = sys.argv[1:]
with Path(os.environ["CALLS"]).open("a") as calls:
    print(*words, file=calls)
if words[:2] == ["-m", "venv"]:
    programs = Path(words[-1]) / "bin"
    programs.mkdir(parents=True)
    for name in ("python", "pip"):
        shutil.copy(sys.argv[0], programs / name)
    shutil.copy(os.environ["PULSEGATE_PROGRAM"], programs / "pulsegate")
elif words[:1] == ["-c"]:
    exec(words[1])
"""


@pytest.fixture
def programs(tmp_path) -> dict[str, str]:
    """An environment in which `python` and an installed `pulsegate` are those above."""
    folder = tmp_path / "programs"
    folder.mkdir()
    record = str(resources.files("pulsegate.fixtures") / "records" / "schema-1.json")
    for name, text in (("python", PYTHON), ("pulsegate", PULSEGATE)):
        program = folder / name
        program.write_text(text.format(python=sys.executable, record=record))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    (folder / "pulsegate").rename(tmp_path / "pulsegate-program")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PULSEGATE_", "PYTEST_"))}
    return kept | {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "PULSEGATE_PROGRAM": str(tmp_path / "pulsegate-program"),
        "CALLS": str(tmp_path / "calls"),
        "SEEN": str(tmp_path / "seen"),
        "LEAVES": "1",
    }


@pytest.fixture
def shell(tmp_path):
    """Run a script as the service does: ``shell(words, script, environment)`` in an empty working folder."""
    work = tmp_path / "work"
    work.mkdir()

    def run(words: list[str], script: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
        file = tmp_path / "script.sh"
        file.write_text(script)
        return subprocess.run(
            [*words, str(file)], cwd=work, env=environment, capture_output=True, text=True, timeout=50, check=False
        )

    return run
