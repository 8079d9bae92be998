"""The GitHub action: what GitHub demands of it, and each of its scripts run with GitHub's variables."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS = ACTION["runs"]["steps"]
#: What GitHub's documentation says of a composite action's metadata, as far as we use it.
METADATA = {
    "type": "object",
    "required": ["name", "description", "runs"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string"},
        "author": {"type": "string"},
        "description": {"type": "string"},
        "branding": {"required": ["icon", "color"]},
        "inputs": {
            "additionalProperties": {
                "required": ["description", "default"],
                "additionalProperties": False,
                "properties": {"description": {"type": "string"}, "default": {"type": "string"}},
            }
        },
        "outputs": {"additionalProperties": {"required": ["description", "value"]}},
        "runs": {
            "required": ["using", "steps"],
            "additionalProperties": False,
            "properties": {
                "using": {"const": "composite"},
                "steps": {
                    "items": {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {
                            name: {} for name in
                            ("name", "id", "if", "uses", "with", "run", "shell", "env", "working-directory")
                        },
                        "oneOf": [{"required": ["uses"]}, {"required": ["run", "shell"]}],
                    }
                },
            },
        },
    },
}  # fmt: skip
_EXPRESSION = re.compile(r"\$\{\{ (.*?) \}\}")


def expressions(value: object) -> list[str]:
    """Every expression in a part of the action."""
    if isinstance(value, dict):
        return [one for key, inner in value.items() for one in ([inner] if key == "if" else expressions(inner))]
    if isinstance(value, list):
        return [one for inner in value for one in expressions(inner)]
    return _EXPRESSION.findall(str(value))


def step(name: str) -> dict:
    return next(one for one in STEPS if one["name"] == name)


@dataclass
class Runner:
    """A small part of GitHub's runner: fills in expressions, runs a script, reads its outputs."""

    shell: object
    environment: dict[str, str]
    folder: Path
    inputs: dict[str, str]
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)

    def value(self, text: str) -> str:
        """`text` with its expressions filled in."""
        return _EXPRESSION.sub(lambda match: self._of(match[1]), text)

    def _of(self, expression: str) -> str:
        match expression.split("."):
            case ["inputs", name]:
                return self.inputs.get(name, ACTION["inputs"][name]["default"])
            case ["github", "action_path"]:
                return str(ROOT)
            case ["steps", number, "outputs", name]:
                return self.outputs[number][name]
        raise AssertionError(f"GitHub does not know {expression}")

    def run(self, name: str) -> subprocess.CompletedProcess[str]:
        """Run one step as ``shell: bash`` does."""
        one = step(name)
        output, summary = self.folder / "output", self.folder / "summary"
        output.write_text("")
        environment = self.environment | {key: self.value(text) for key, text in one.get("env", {}).items()}
        environment |= {
            "GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary), "RUNNER_TEMP": str(self.folder),
            "RUNNER_OS": "Linux", "RUNNER_ARCH": "X64",
        }  # fmt: skip
        result = self.shell(["bash", "--noprofile", "--norc", "-eo", "pipefail"], one["run"], environment)
        lines = output.read_text().splitlines()
        self.outputs[one.get("id", name)] = dict(line.split("=", 1) for line in lines)
        return result


@pytest.fixture
def runner(shell, programs, tmp_path):
    """``runner(arguments=...)`` has set Python up and installed."""

    def ready(leaves: int = 1, **inputs: str) -> Runner:
        made = Runner(shell, programs | {"LEAVES": str(leaves)}, tmp_path, inputs)
        made.outputs = {"python": {"python-version": "3.12.1"}, "cache": {"cache-hit": ""}}
        for name in ("Name the environment", "Install"):
            result = made.run(name)
            assert result.returncode == 0, result.stderr
        return made

    return ready


def test_the_metadata_is_what_github_demands():
    """No unknown member, a shell for every script, a default for every input."""
    jsonschema.validate(ACTION, METADATA)


def test_every_name_is_known():
    """Expressions name inputs that exist, and outputs of earlier steps that their scripts set."""
    known = {"python": {"python-version"}, "cache": {"cache-hit"}}
    for one in [*STEPS, {"outputs": ACTION["outputs"]}]:
        for expression in expressions(one):
            for name in re.findall(r"inputs\.([\w-]+)", expression):
                assert name in ACTION["inputs"]
            for number, name in re.findall(r"steps\.(\w+)\.outputs\.([\w-]+)", expression):
                assert name in known[number]
        if "run" in one and "id" in one:
            known[one["id"]] = set(re.findall(r'echo "([\w-]+)=.*GITHUB_OUTPUT', one["run"]))


def test_no_script_holds_an_expression():
    """An input would be run as a program; all come by environment."""
    assert [one["name"] for one in STEPS if _EXPRESSION.search(one.get("run", ""))] == []


def test_other_actions_are_of_a_version():
    """And of GitHub's own, which need no trust beyond the service's."""
    used = [one["uses"] for one in STEPS if "uses" in one]
    assert used
    assert [name for name in used if not re.fullmatch(r"actions/[\w-]+@v\d+", name)] == []


def test_what_is_installed_is_the_lock_and_then_ourselves(runner, tmp_path):
    """With its hashes, as the Makefile does; from a restored environment only ourselves anew."""
    made = runner()
    folder = made.outputs["environment"]["folder"]
    assert re.fullmatch(r"pulsegate-Linux-X64-3\.12\.1-[0-9a-f]{16}", made.outputs["environment"]["key"])
    pip = "-m pip --disable-pip-version-check --quiet install"
    ourselves = f"{pip} --no-deps --no-build-isolation --force-reinstall {ROOT}"
    calls = tmp_path / "calls"
    assert calls.read_text().splitlines() == [
        f"-m venv --clear {folder}", f"{pip} --require-hashes -r {ROOT / 'requirements.lock'}", ourselves
    ]  # fmt: skip
    calls.unlink()
    made.outputs["cache"] = {"cache-hit": "true"}
    made.run("Install")
    assert calls.read_text().splitlines() == [ourselves]


def test_arguments_are_taken_by_the_line(runner, tmp_path):
    """Blanks within one, quotes and dollars stay as they are; empty lines and margins are none."""
    made = runner(arguments="  --a-cmd\n  old serve --port {port}\n\n--header='K: $(touch x)'\n  ")
    assert made.run("Run").returncode == 0, "the verdict is passed on at the end"
    words = (tmp_path / "seen").read_text().splitlines()
    assert words == [
        "gate", "--a-cmd", "old serve --port {port}", "--header='K: $(touch x)'", "--output", "pulsegate-report"
    ]  # fmt: skip
    assert not (tmp_path / "work" / "x").exists()


def test_nothing_a_target_sent_is_a_command(runner):
    """Between a word that nobody can guess the runner reads no commands."""
    lines = runner().run("Run").stdout.splitlines()
    word = lines[0].removeprefix("::stop-commands::")
    assert re.fullmatch(r"[0-9a-f]{32}", word)
    assert lines.index("::error::what a hostile target sent") < lines.index(f"::{word}::")


def test_a_failure_is_told_and_passed_on(runner, tmp_path):
    """The summary is the report, failures are annotated, and the last step ends with the exit code."""
    made = runner(leaves=1)
    made.run("Run")
    assert made.outputs["run"] == {"exit-code": "1", "report": str(tmp_path / "work" / "pulsegate-report")}
    told = made.run("Tell")
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("::error title=Pulsegate AGUI-12::")
    assert (tmp_path / "summary").read_text().startswith("## Pulsegate gate: 2 passed of 4")
    assert made.run("Pass the verdict on").returncode == 1


def test_wrong_use_leaves_no_report_and_is_told(runner, tmp_path):
    """Exit code 2 comes before there is a run directory."""
    made = runner(leaves=2)
    made.run("Run")
    told = made.run("Tell")
    assert told.stdout == "::error title=Pulsegate::exit code 2, and no report; the log says why\n"
    assert not (tmp_path / "summary").exists()
    assert made.run("Pass the verdict on").returncode == 2


def test_summary_and_annotations_can_be_switched_off(runner, tmp_path):
    """For who wants the artifact only."""
    made = runner(summary="false", annotations="false")
    made.run("Run")
    assert made.run("Tell").stdout == ""
    assert not (tmp_path / "summary").exists()
