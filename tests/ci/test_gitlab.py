"""The GitLab template: what GitLab demands of a component, and its script run with GitLab's variables."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest
import yaml

FILE = Path(__file__).parents[2] / "templates" / "pulsegate.yml"
SPEC, _ = yaml.safe_load_all(FILE.read_text())
INPUTS = SPEC["spec"]["inputs"]
#: What GitLab's documentation says of a job, as far as we use it.
JOB = {
    "type": "object",
    "required": ["script", "stage"],
    "additionalProperties": False,
    "properties": {
        "stage": {"type": "string"},
        "image": {"type": "string"},
        "variables": {"additionalProperties": {"type": "string"}},
        "cache": {"required": ["key", "paths"], "properties": {"paths": {"items": {"type": "string"}, "minItems": 1}}},
        "script": {"items": {"type": "string"}, "minItems": 1},
        "allow_failure": {"type": "boolean"},
        "artifacts": {
            "required": ["paths"],
            "additionalProperties": False,
            "properties": {
                "when": {"enum": ["on_success", "on_failure", "always"]},
                "expire_in": {"type": "string"},
                "expose_as": {"type": "string", "pattern": "^[A-Za-z0-9 _-]+$"},
                "paths": {"items": {"type": "string", "not": {"pattern": "[*]"}}},
                "reports": {"properties": {"junit": {"type": "string"}}},
            },
        },
    },
}


def pipeline(**inputs: str) -> dict:
    """The jobs, with the inputs filled in before YAML is read, as GitLab does."""
    text = FILE.read_text().partition("\n---\n")[2]
    values = {name: one["default"] for name, one in INPUTS.items()} | inputs
    return yaml.safe_load(re.sub(r"\$\[\[ inputs\.(\w+) \]\]", lambda match: values[match[1]], text))


def test_the_template_is_what_gitlab_demands():
    """Inputs with a description and a default, then jobs of known members."""
    jsonschema.validate(
        INPUTS,
        {"additionalProperties": {"required": ["description", "default"], "additionalProperties": False,
                                  "properties": {"description": {"type": "string"}, "default": {"type": "string"}}}},
    )  # fmt: skip
    for name, job in pipeline(job="contract").items():
        assert name == "contract"
        jsonschema.validate(job, JOB)


def test_every_input_is_used_and_exists():
    """None is only for show."""
    used = set(re.findall(r"\$\[\[ inputs\.(\w+) \]\]", FILE.read_text()))
    assert used == set(INPUTS)


@pytest.mark.parametrize("leaves", [0, 1, 2, 3])
def test_the_script_ends_with_the_exit_code(shell, programs, tmp_path, leaves):
    """The server is started first; the report lies where the artifact is looked for; the exit code is passed on."""
    job = pipeline(before="touch started", arguments="--target http://127.0.0.1:8000 --header 'K: a b'")["pulsegate"]
    script = "set -eo pipefail\n" + "\n".join(job["script"])
    result = shell(["bash"], script, programs | {"LEAVES": str(leaves), "CI_PROJECT_DIR": str(tmp_path)})
    assert result.returncode == leaves, result.stderr
    assert (tmp_path / "work" / "started").exists()
    words = (tmp_path / "seen").read_text().splitlines()
    assert words == ["gate", "--target", "http://127.0.0.1:8000", "--header", "K: a b", "--output", "pulsegate-report"]
    assert (tmp_path / "calls").read_text().splitlines() == [
        "-m venv .pulsegate-venv", "install --quiet pulsegate"
    ]  # fmt: skip
    junit = tmp_path / "work" / job["artifacts"]["reports"]["junit"]
    assert junit.exists() == (leaves != 2)
    if junit.exists():
        assert ET.parse(junit).getroot().tag == "testsuites"


def test_the_cache_is_what_pip_fills():
    """And no cache is shared by two versions of Python."""
    job = pipeline()["pulsegate"]
    [kept] = job["cache"]["paths"]
    assert job["variables"]["PIP_CACHE_DIR"] == f"$CI_PROJECT_DIR/{kept}"
    assert "$CI_JOB_IMAGE" in job["cache"]["key"]
