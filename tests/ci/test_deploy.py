"""The compose files: what they name is there, what they run is understood, and no secret is in them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from pulsegate.harness.cli.main import app
from pulsegate.harness.parts import PARTS
from pulsegate.harness.proxy.configuration import read_configuration
from pulsegate.harness.proxy.installation import Version
from pulsegate.harness.proxy.lint import lint
from pulsegate.harness.reference import reference_profile
from pulsegate.reference_server.settings import read_settings

DEPLOY = Path(__file__).parents[2] / "deploy"
FILES = sorted(DEPLOY.glob("*/compose.yaml"))
#: What a user gives, by variable.
GIVEN = {
    "PULSEGATE_JWT_SECRET": "s" * 64,
    "PULSEGATE_POSTGRES_PASSWORD": "p" * 64,
    "PULSEGATE_REDIS_PASSWORD": "r" * 64,
    "PULSEGATE_LOAD": "heartbeat --target http://proxy --users 9",
}
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?P<kind>:[-?])(?P<rest>[^}]*)\}")


def composed(file: Path) -> dict[str, Any]:
    """A compose file with its variables replaced, as compose does it."""
    text = VARIABLE.sub(lambda found: GIVEN.get(found["name"], found["rest"]), file.read_text())
    return dict(yaml.safe_load(text))


def services(file: Path) -> dict[str, dict[str, Any]]:
    return dict(composed(file)["services"])


@pytest.fixture(params=FILES, ids=lambda file: file.parent.name)
def file(request: pytest.FixtureRequest) -> Path:
    """Each compose file."""
    return Path(request.param)


def test_no_secret_has_a_default(file):
    """Compose refuses to start without each of them, and nothing is read in any other way."""
    text = file.read_text()
    kinds = {found["name"]: found["kind"] for found in VARIABLE.finditer(text)}
    assert {name for name, kind in kinds.items() if kind == ":?"} == GIVEN.keys() & kinds.keys()
    assert text.replace("$$", "").count("$") == len(VARIABLE.findall(text))


def test_what_is_named_is_there(file):
    """Folders that are built, files that are mounted, services that are waited for, networks."""
    whole = composed(file)
    networks = {"default", *whole.get("networks", {})}
    for service in whole["services"].values():
        if "build" in service:
            assert (file.parent / service["build"] / "Dockerfile").is_file()
        for mounted in service.get("volumes", []):
            assert (file.parent / mounted.partition(":")[0]).is_file(), mounted
        assert set(service.get("depends_on", {})) <= whole["services"].keys()
        assert set(service.get("networks", [])) <= networks
        assert all(whole["services"][name]["healthcheck"] for name in service.get("depends_on", {}))


def test_the_command_line_understands_its_commands(file):
    """Each option of each command is known, and has a value that it takes."""
    command = typer.main.get_command(app)
    ours = [service for service in services(file).values() if "build" in service]
    assert ours
    for service in ours:
        given = service["command"]
        name, *words = given if isinstance(given, list) else shlex.split(given)
        assert command.commands[name].make_context(name, words).params


def test_only_the_loopback_address_is_published(file):
    """Unless the user names another one."""
    ports = [port for service in services(file).values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_parts_are_those_that_are_started_elsewhere():
    """The same images as where a machine has no program of its own."""
    images = {
        service["image"] for service in services(DEPLOY / "reference" / "compose.yaml").values() if "image" in service
    }
    assert images == {PARTS[name].image for name in ("nginx", "postgres", "redis")}


def test_both_servers_are_one():
    """The same settings, read by the server without complaint: one store, one Redis, one secret."""
    running = services(DEPLOY / "reference" / "compose.yaml")
    assert running["app1"] == running["app2"]
    environ = {name: str(value) for name, value in running["app1"]["environment"].items()}
    settings = read_settings({}, environ)
    assert settings.jwt_secret == GIVEN["PULSEGATE_JWT_SECRET"]
    assert settings.store_url == f"postgresql://pulsegate:{'p' * 64}@postgres/pulsegate"
    assert settings.redis_url == f"redis://:{'r' * 64}@redis/0"


@pytest.mark.parametrize("balancing", ["spread", "sticky"])
def test_nginx_passes_on_to_both(balancing):
    """The servers are those of the compose file, and no rule of the laboratory finds anything in the text."""
    configuration = read_configuration(DEPLOY / "reference" / f"nginx-{balancing}.conf")
    addresses = [one.args[0] for one in configuration.upstreams["backend"].named("server")]
    assert addresses == ["app1:8000", "app2:8000"]
    assert [one.args for one in configuration.upstreams["backend"].named("hash")] == (
        [("$user", "consistent")] if balancing == "sticky" else []
    )
    assert lint(configuration, profile=reference_profile(), version=Version(1, 22, 1), load=1000) == []
