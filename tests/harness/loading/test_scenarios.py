"""What the command knows of the shipped scenarios."""

from __future__ import annotations

import ast

import pytest

from pulsegate.harness.errors import CouldNotMeasure, UsageError
from pulsegate.harness.loading.generators import shipped
from pulsegate.harness.loading.scenarios import SCENARIOS, mix_of, scenario_named
from pulsegate.harness.profile import Profile, Surfaces


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_files_have_the_classes_that_the_command_knows(name):
    """Each scenario's file has just those user classes, its own or another scenario's, with those weights."""
    assert _weights(name) == {user: one.weight for user, one in SCENARIOS[name].classes.items()}


def _weights(name: str) -> dict[str, int]:
    found = {}
    for one in ast.parse(shipped(name).read_text(encoding="utf-8")).body:
        match one:
            case ast.ClassDef():
                found[one.name] = _weight(one)
            case ast.ImportFrom(module=str(module)) if module.startswith("pulsegate.scenarios.load."):
                others = _weights(module.rpartition(".")[2])
                found |= {alias.name: others[alias.name] for alias in one.names}
    return found


def _weight(definition: ast.ClassDef) -> int:
    values = [
        ast.literal_eval(one.value)
        for one in definition.body
        if isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == "weight"
    ]
    return values[0] if values else 1


def test_users_are_shared_out_by_weight():
    """The counts add up to the total."""
    assert mix_of(SCENARIOS["connections"], Profile(), 11) == {"Streams": 9, "Sockets": 2}
    assert mix_of(SCENARIOS["mixed"], Profile(), 100) == {"Streams": 60, "Chatters": 20, "Sockets": 10, "Sessions": 10}


def test_what_is_not_offered_gets_no_users():
    """The others share the total."""
    profile = Profile(surfaces=Surfaces(ws=False))
    assert mix_of(SCENARIOS["connections"], profile, 10) == {"Streams": 10}
    with pytest.raises(CouldNotMeasure, match="offers nothing that agents loads"):
        mix_of(SCENARIOS["agents"], profile, 10)


def test_a_mix_replaces_the_weights():
    """An unknown class is named with those there are."""
    assert mix_of(SCENARIOS["connections"], Profile(), 10, {"Sockets": 1}) == {"Sockets": 10}
    with pytest.raises(UsageError, match="has no users Nobody; it has Streams, Sockets"):
        mix_of(SCENARIOS["connections"], Profile(), 10, {"Nobody": 1})


def test_an_unknown_scenario_is_named_with_those_there_are():
    """A mistyped scenario gets the list."""
    with pytest.raises(UsageError, match="no scenario conections; there are connections, chat"):
        scenario_named("conections")
