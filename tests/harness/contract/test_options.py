"""Which clauses a run chooses, and what decides."""

from __future__ import annotations

from pathlib import Path

import pytest

from pulsegate.harness.contract.options import CheckOptions, choose, make_rules, user_folder
from pulsegate.harness.contract.registry import Clause
from pulsegate.harness.errors import UsageError
from pulsegate.harness.profile import Profile
from pulsegate.harness.target import Target


def clause(clause_id: str, surface: str) -> Clause:
    return Clause(
        id=clause_id,
        level="documented",
        surface=surface,  # type: ignore[arg-type]  # a name made up
        title="t",
        requirement="r",
        source="s",
        remedy="m",
    )


CLAUSES = {each.id: each for each in (clause("SSE-1", "sse"), clause("SSE-2", "sse"), clause("WS-1", "ws"))}


def target(**sections: object) -> Target:
    return Target(url="http://127.0.0.1:1", profile=Profile.model_validate(sections))


@pytest.mark.parametrize(
    ("options", "chosen"),
    [
        (CheckOptions(), ["SSE-1", "SSE-2", "WS-1"]),
        (CheckOptions(select=["SSE-2"]), ["SSE-2"]),
        (CheckOptions(select=["ws", "SSE-1"]), ["SSE-1", "WS-1"]),
        (CheckOptions(skip=["sse"]), ["WS-1"]),
        (CheckOptions(surfaces=["SSE"], skip=["SSE-1"]), ["SSE-2"]),
    ],
)
def test_options_choose_clauses(options: CheckOptions, chosen: list[str]) -> None:
    """Ids and surfaces select and skip."""
    assert list(choose(CLAUSES, options)) == chosen


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (CheckOptions(select=["SSE-11"]), "--select: there is no clause 'SSE-11'; did you mean SSE-1?"),
        (CheckOptions(skip=["sse-2"]), "--skip: there is no clause 'sse-2'; did you mean SSE-2?"),
        (CheckOptions(surfaces=["grpc"]), "--surface: there is no surface 'grpc'"),
        (CheckOptions(select=["SSE-1"], skip=["sse"]), "no clause is left"),
    ],
)
def test_a_wrong_choice_is_named(options: CheckOptions, said: str) -> None:
    """Nothing is silently ignored."""
    with pytest.raises(UsageError) as caught:
        choose(CLAUSES, options)

    assert str(caught.value).startswith(said)


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"accepted": {"SSE-3": "known"}}, r"^\[accepted\]: there is no clause 'SSE-3'"),
        ({"require": {"clauses": ["SSE-3"]}}, r"^\[require\] clauses: there is no clause 'SSE-3'"),
    ],
)
def test_an_unknown_clause_in_the_profile_is_named(section: dict[str, object], said: str) -> None:
    """A misspelled acceptance would otherwise accept nothing."""
    with pytest.raises(UsageError, match=said):
        make_rules(CLAUSES, CheckOptions(), target(**section))


def test_require_true_means_all() -> None:
    """The profile may ask for every clause to be measured."""
    assert make_rules(CLAUSES, CheckOptions(), target(require={"clauses": True})).require_all


def test_the_users_folder_is_relative_to_the_profile(tmp_path: Path) -> None:
    """A profile can be used from anywhere."""
    profile = Profile.model_validate({"clauses": {"path": "mine"}})
    here = Target(url="http://127.0.0.1:1", profile=profile, profile_file=tmp_path / "pulsegate.toml")

    assert user_folder(here) == tmp_path.resolve() / "mine"


def test_clauses_of_another_command_are_left_out() -> None:
    """A check does not list what only the proxy laboratory measures, and says so when it is selected."""
    other = clause("PROXY-1", "proxy").model_copy(update={"measured_by": "proxy"})
    known = {**CLAUSES, "PROXY-1": other}
    assert list(choose(known, CheckOptions())) == list(CLAUSES)
    with pytest.raises(UsageError, match="PROXY-1 is measured by `pulsegate proxy`"):
        choose(known, CheckOptions(select=["PROXY-1"]))
