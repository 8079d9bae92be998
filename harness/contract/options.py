"""What a run of the contract is asked to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pulsegate.harness.contract.aggregate import Rules
from pulsegate.harness.contract.registry import SURFACES, Clause, check_known
from pulsegate.harness.errors import UsageError
from pulsegate.harness.record import Level
from pulsegate.harness.target import Target, place_of


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """The options of ``pulsegate check``.

    ``level`` is the last one that decides the verdict. ``select`` and ``skip`` hold clause ids and
    surface names, ``surfaces`` surface names; nothing selected means everything. ``repeat`` runs
    every clause so often. ``timeout_s`` limits the whole run, ``wait_s`` how long the target may
    take until it answers. ``arguments`` go into the record.
    """

    level: Level = "expected"
    select: Sequence[str] = ()
    skip: Sequence[str] = ()
    surfaces: Sequence[str] = ()
    repeat: int = 1
    fail_fast: bool = False
    read_only: bool = False
    require_measured: bool = False
    timeout_s: float | None = None
    wait_s: float = 0.0
    arguments: Sequence[str] = ()


def choose(clauses: Mapping[str, Clause], options: CheckOptions) -> dict[str, Clause]:
    """The clauses that `options` select; UsageError for an unknown id or surface, or when none is left.

    Those that another command measures are left out, and refused where they are selected by their id.
    """
    known = dict(clauses)
    check_known(_ids(options.select), known, "--select", also=SURFACES)
    check_known(_ids(options.skip), known, "--skip", also=SURFACES)
    for surface in options.surfaces:
        if surface.lower() not in SURFACES:
            raise UsageError(f"--surface: there is no surface {surface!r}; known: {', '.join(SURFACES)}")
    select, skip = _ids(options.select), _ids(options.skip)
    surfaces = {surface.lower() for surface in options.surfaces}
    for clause_id in select:
        if clause_id in clauses and clauses[clause_id].measured_by != "check":
            command = f"pulsegate {clauses[clause_id].measured_by}"
            raise UsageError(f"--select: {clause_id} is measured by `{command}`, not by a check of the target")
    chosen = {
        clause.id: clause
        for clause in clauses.values()
        if clause.measured_by == "check"
        and (not select or clause.id in select or clause.surface in select)
        and (not surfaces or clause.surface in surfaces)
        and not (clause.id in skip or clause.surface in skip)
    }
    if not chosen:
        raise UsageError("no clause is left after --select, --surface and --skip")
    return chosen


def _ids(texts: Sequence[str]) -> list[str]:
    return [text.lower() if text.lower() in SURFACES else text for text in texts]


def make_rules(clauses: Mapping[str, Clause], options: CheckOptions, target: Target) -> Rules:
    """The verdict's rules; UsageError for an unknown clause in ``[accepted]`` or ``[require]``."""
    profile = target.profile
    known = dict(clauses)
    required = profile.require.clauses
    named = required if isinstance(required, list) else []
    for clause_id in profile.accepted:
        check_known([clause_id], known, f"{place_of(target.profile_file, 'accepted', clause_id)}[accepted]")
    check_known(named, known, f"{place_of(target.profile_file, 'require', 'clauses')}[require] clauses")
    return Rules(
        level=options.level,
        accepted=profile.accepted,
        required=frozenset(named),
        require_all=options.require_measured or required is True,
        surfaces=profile.surfaces,
    )


def user_folder(target: Target) -> Path | None:
    """The folder of the user's own clauses: relative to the profile, or to where we are without one."""
    path = target.profile.clauses.path
    if path is None:
        return None
    base = target.profile_file.parent if target.profile_file else Path.cwd()
    return (base / Path(path).expanduser()).resolve()
