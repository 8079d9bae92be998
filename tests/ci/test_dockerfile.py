"""The Dockerfile: its steps, held against what they copy and what the Makefile does."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def instructions() -> list[tuple[str, str]]:
    """Each instruction with its text, continued lines joined, comments left out."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def texts(wanted: str) -> list[str]:
    return [text for word, text in instructions() if word == wanted]


def copied() -> list[tuple[str, str]]:
    """From the checkout: source and destination."""
    pairs = []
    for text in texts("COPY"):
        if not text.startswith("--from"):
            *sources, destination = text.split()
            pairs += [(source, destination) for source in sources]
    return pairs


def allowed(name: str) -> bool:
    """Whether .dockerignore lets a top-level name into the build; the last rule that fits decides."""
    verdict = True
    for rule in (ROOT / ".dockerignore").read_text().split():
        if rule.removeprefix("!") in ("**", name):
            verdict = rule.startswith("!")
    return verdict


def test_only_known_instructions():
    """In the order of a build: two stages, the second of them what is run."""
    known = {"FROM", "WORKDIR", "RUN", "COPY", "LABEL", "ENV", "USER", "ENTRYPOINT", "CMD"}
    assert {word for word, _ in instructions()} <= known
    first, second = texts("FROM")
    assert re.fullmatch(r"python:3\.\d+-slim AS build", first)
    assert second == first.removesuffix(" AS build")


def test_what_is_copied_is_there_and_reaches_the_build():
    """No source is missing, and none is left out by .dockerignore; what is not needed is."""
    assert copied()
    for source, _ in copied():
        assert (ROOT / source).exists(), source
        assert allowed(source), f".dockerignore leaves {source} out"
    for name in (".git", ".venv", "tests", "pulsegate-runs", ".env"):
        assert not allowed(name)


def test_dependencies_are_installed_as_the_makefile_does():
    """The lock with its hashes first, then ourselves without further questions."""
    makefile = re.findall(r"-m pip install (.*)", (ROOT / "Makefile").read_text())
    options = [set(re.findall(r"--[\w-]+", line)) for line in makefile]
    run = [text for text in texts("RUN") if "-m pip install" in text]
    assert [set(re.findall(r"--[\w-]+", text)) - {"--no-cache-dir"} for text in run] == options


def test_it_runs_as_nobody_in_particular():
    """Not as root, in a folder that belongs to the user, with the program as entry point."""
    words = [word for word, _ in instructions()]
    assert texts("USER") == ["pulsegate"]
    assert words.index("USER") > max(place for place, word in enumerate(words) if word == "RUN")
    assert texts("WORKDIR")[-1] == "/work"
    assert json.loads(texts("ENTRYPOINT")[0]) == ["pulsegate"]
    assert json.loads(texts("CMD")[0]) == ["--help"]


def test_what_is_copied_is_enough_to_build(tmp_path):
    """A wheel made of the copied files alone holds all five packages, and data and templates with them."""
    for source, destination in copied():
        place = tmp_path / (source if destination == "./" else destination)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, place, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, place)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "wheel", "--no-deps"]
    made = subprocess.run(
        [*pip, "--no-build-isolation", "--wheel-dir", str(tmp_path / "dist"), str(tmp_path)],
        capture_output=True, text=True, timeout=55, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    [wheel] = (tmp_path / "dist").glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    for name in ("harness/cli/main.py", "reference_server/__main__.py", "reports/templates/report.html.j2",
                 "fixtures/profiles/reference.toml", "scenarios/contract"):  # fmt: skip
        assert any(one.startswith(f"pulsegate/{name}") for one in held), name


@pytest.mark.parametrize("name", ["readme", "license-files"])
def test_what_the_package_names_is_copied(name):
    """Else the build in the image fails, and only there."""
    named = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][name]
    sources = [source for source, _ in copied()]
    assert all(file in sources for file in ([named] if isinstance(named, str) else named))
