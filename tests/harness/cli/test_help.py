"""What a user asks first: help, examples, completion, and options by environment."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys

import pytest

from pulsegate.harness.cli.main import app
from pulsegate.harness.ready_profiles import ready_profiles

#: Whatever takes long to import, or patches the process: no help needs it.
HEAVY = {
    "aiosqlite", "crossplane", "fastapi", "gevent", "h11", "httpx", "jinja2", "jsonschema", "locust",
    "playwright", "prometheus_client", "psutil", "pydantic", "pytest", "redis", "sqlalchemy", "starlette", "structlog",
    "trustme", "uvicorn", "vl_convert", "websockets",
}  # fmt: skip
COMMANDS = sorted(one.callback.__name__.replace("_", "-") for one in app.registered_commands)


def examples(text: str) -> list[str]:
    """The command lines that a help shows."""
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if re.match(r"([A-Z_]+=\S+ )?(\$?\(?)pulsegate \S", line.replace("=$(", "= $("))]


def loaded(*arguments: str) -> set[str]:
    """The top-level modules that a process has loaded with the command line, and once it did what is asked."""
    asked = f"try:\n    main.app({list(arguments)!r})\nexcept SystemExit:\n    pass\n" if arguments else ""
    script = (
        f"import sys\nfrom pulsegate.harness.cli import main\n{asked}"
        "print('LOADED', *{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    result = subprocess.run(
        [sys.executable, "-P", "-c", script], capture_output=True, text=True, timeout=50, check=True
    )
    return set(result.stderr.rpartition("LOADED")[2].split())


def test_the_command_line_loads_nothing_heavy():
    """By the names of modules, not by the clock: what is not imported costs nothing on any machine."""
    assert loaded() & HEAVY == set()


def test_help_loads_nothing_heavy():
    """Of all these only pydantic, which typer itself takes where it is installed."""
    assert loaded("gate", "--help") & HEAVY <= {"pydantic"}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_shows_an_example_that_can_be_parsed(pulsegate, command):
    """Each help has a command line of that command, whose options all exist."""
    text = pulsegate(command, "--help", COLUMNS="200").stdout
    shown = examples(text)
    assert shown, text
    for line in shown:
        words = shlex.split(line.replace("$(", "").rstrip(")").partition(" > ")[0], comments=True)
        words = words[words.index("pulsegate") + 1 :]
        assert words[0] == command
        options = {word.partition("=")[0] for word in words if re.match(r"--[\w=-]+$", word)}
        assert {option for option in options if f"{option} " not in text and f"{option}\n" not in text} == set()


def test_help_says_the_exit_codes_and_the_variables(pulsegate):
    """Whoever writes a pipeline needs both."""
    text = " ".join(pulsegate("--help").stdout.split())
    assert "3 could not be measured" in text
    assert "PULSEGATE_GATE_TARGET" in text


def test_an_option_can_be_given_by_environment(pulsegate):
    """The variable is the command's and the option's name; the command line goes before it."""
    by_variable = {"PULSEGATE_CHECK_TARGET": "nonsense", "PULSEGATE_SSE_GRID_FOLDER": "elsewhere"}
    assert "--target 'nonsense'" in pulsegate("check", **by_variable).stderr
    assert "--target 'other'" in pulsegate("check", "--target", "other", **by_variable).stderr
    assert "--target URL" in pulsegate("check", PULSEGATE_GATE_TARGET="nonsense").stderr, "it is another command's"


def test_a_shell_completes_with_what_is_printed(tmp_path):
    """In a real bash: the script that `--show-completion` prints there completes the names of scenarios."""
    program = tmp_path / "pulsegate"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P -m pulsegate.harness.cli.main "$@"\n')
    program.chmod(0o755)
    script = (
        'eval "$(pulsegate --show-completion bash)"; COMP_WORDS=(pulsegate load c); COMP_CWORD=2; '
        '_pulsegate_completion pulsegate; echo "${COMPREPLY[@]}"'
    )
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    result = subprocess.run(
        ["bash", "-c", script], env=environment, capture_output=True, text=True, timeout=50, check=False
    )
    assert set(result.stdout.split()) == {"chat", "connections"}, result.stderr


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("pulsegate co", {"compare"}),
        ("pulsegate load c", {"connections", "chat"}),
        ("pulsegate serve --fault agui-buff", {"agui-buffered"}),
        ("pulsegate prove agui-buff", {"agui-buffered"}),
        ("pulsegate init --like chatkit", {"chatkit", "chatkit-sdk"}),
        ("pulsegate check --surface ss", {"sse"}),
        ("pulsegate check --select HEALTH-", {"HEALTH-1"}),
        ("pulsegate clauses KIT-8", {"KIT-8"}),
    ],
)
def test_names_are_completed(pulsegate, line, expected):
    """Commands, scenarios, faults, profiles, surfaces and clauses."""
    words = len(line.split()) - 1
    result = pulsegate(_PULSEGATE_COMPLETE="complete_bash", COMP_WORDS=line, COMP_CWORD=str(words))
    assert set(result.stdout.split()) == expected


def test_every_ready_profile_is_named_in_the_help(pulsegate):
    """The list in the help of init is the list there is."""
    text = pulsegate("init", "--help", COLUMNS="300").stdout
    assert [name for name in ready_profiles() if name not in text] == []


def test_no_help_names_the_variable_of_each_option(pulsegate):
    """One rule at its end says them all."""
    assert "env var:" not in pulsegate("--help").stdout
