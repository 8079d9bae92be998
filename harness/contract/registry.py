"""The clauses: data, one TOML table each, in one file per surface."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from pulsegate.harness.errors import UsageError
from pulsegate.harness.record import Level
from pulsegate.harness.toml_places import describe_problem, line_of

#: The groups of clauses, in the order of reports. All but ``auth``, ``proxy`` and ``browser`` are surfaces with a path.
SURFACES = ("auth", "health", "sse", "rt", "run", "ws", "kit", "cmp", "chat", "fall", "agui", "proxy", "browser")

Surface = Literal["auth", "health", "sse", "rt", "run", "ws", "kit", "cmp", "chat", "fall", "agui", "proxy", "browser"]

#: The clause of each surface that says what a call to it answers at all.
ENTRY_CLAUSES = {
    "health": "HEALTH-1",
    "sse": "SSE-1",
    "rt": "RT-1",
    "run": "RUN-1",
    "ws": "WS-1",
    "kit": "KIT-5",
    "cmp": "CMP-2",
    "chat": "CHAT-1",
    "fall": "FALL-1",
    "agui": "AGUI-1",
}

LEVELS: tuple[Level, ...] = ("documented", "expected", "hardening")


class Clause(BaseModel):
    """One duty of the target; ``id`` never changes. `measured_by` is the command that can tell whether it is kept."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    id: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*(-[A-Za-z0-9_]+)+$")
    level: Level
    surface: Surface
    measured_by: Literal["check", "proxy", "browser"] = "check"
    title: str = Field(min_length=1)
    requirement: str = Field(min_length=1)
    source: str = Field(min_length=1)
    remedy: str = Field(min_length=1)
    causes: dict[str, str] = Field(default_factory=dict)

    @field_validator("title", "requirement", "source")
    @classmethod
    def _one_line(cls, text: str) -> str:
        return " ".join(text.split())

    @property
    def is_entry(self) -> bool:
        """Whether this is its surface's entry clause."""
        return ENTRY_CLAUSES.get(self.surface) == self.id


def shipped_clauses() -> Path:
    """The folder of the clauses that come with Pulsegate."""
    return Path(str(resources.files("pulsegate.fixtures"))) / "clauses"


def load_clauses(user_path: Path | None = None, *, shipped: Path | None = None) -> dict[str, Clause]:
    """All clauses by id: the shipped ones in the order of reports, then those of the user's folder.

    Raises UsageError, naming file, line, clause and key, for anything that is not a clause.
    """
    files = sorted((shipped or shipped_clauses()).glob("*.toml"), key=_report_order)
    found = [(file, _read_once(file)) for file in files]
    if user_path is not None:
        found += [(file, read_clauses(file)) for file in user_files(user_path)]
    clauses: dict[str, Clause] = {}
    homes: dict[str, Path] = {}
    for file, own in found:
        for clause in own:
            if clause.id in clauses:
                raise UsageError(
                    f"{file}: clause {clause.id} is already defined in {homes[clause.id]}; take another id"
                )
            clauses[clause.id] = clause
            homes[clause.id] = file
    return clauses


def user_files(folder: Path) -> list[Path]:
    """The clause files of a user's folder; UsageError when it holds none."""
    if not folder.is_dir():
        raise UsageError(f"{folder}: [clauses] path is not a folder")
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise UsageError(f"{folder}: [clauses] path holds no *.toml file with clauses")
    return files


def _report_order(file: Path) -> tuple[int, str]:
    return (SURFACES.index(file.stem) if file.stem in SURFACES else len(SURFACES), file.name)


def read_clauses(file: Path) -> Sequence[Clause]:
    """The clauses of one file, in its order; UsageError names file, line, clause and key."""
    try:
        text = file.read_text(encoding="utf-8")
        tables = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageError(f"{file}: the clauses cannot be read: {problem}") from None
    except tomllib.TOMLDecodeError as problem:
        raise UsageError(f"{file}: not valid TOML: {problem}") from None
    return [_read_clause(file, text, clause_id, table) for clause_id, table in tables.items()]


@cache
def _read_once(file: Path) -> Sequence[Clause]:
    return read_clauses(file)


def _read_clause(file: Path, text: str, clause_id: str, table: Any) -> Clause:
    where = f"{file}:{line_of(text, [clause_id])}"
    if not isinstance(table, dict):
        raise UsageError(f"{where}: {clause_id} stands outside a clause; begin one with [ID]")
    if "id" in table:
        raise UsageError(f"{where}: [{clause_id}] id: the table's name is the id; remove the key")
    try:
        return Clause(id=clause_id, **table)
    except ValidationError as problem:
        first = min(problem.errors(), key=lambda error: error["type"] == "missing")  # a misspelled key is both
        place = [clause_id, *(str(part) for part in first["loc"])]
        if first["type"] == "missing":
            raise UsageError(f"{where}: [{clause_id}] {place[-1]}: this key is missing") from None
        if place[-1] == "id":
            raise UsageError(f"{where}: [{clause_id}] is not a clause id; write it like SSE-1") from None
        known = [name for name in Clause.model_fields if name != "id"]
        raise UsageError(f"{file}:{line_of(text, place)}: {describe_problem(first, place, known)}") from None


def without_case(texts: Iterable[str], known: Iterable[str]) -> list[str]:
    """`texts` as `known` writes them, where they differ only in their case."""
    written = {name.lower(): name for name in known}
    return [written.get(text.lower(), text) for text in texts]


def check_known(ids: Iterable[str], clauses: dict[str, Clause], where: str = "", also: Sequence[str] = ()) -> None:
    """Raise UsageError, naming the nearest one, for the first of `ids` that is no clause (nor one of `also`)."""
    known = [*clauses, *also]
    place = f"{where}: " if where else ""
    for clause_id in ids:
        if clause_id in known:
            continue
        near = difflib.get_close_matches(clause_id.upper(), known, n=1) or difflib.get_close_matches(
            clause_id, known, 1
        )
        hint = f"did you mean {near[0]}?" if near else "`pulsegate clauses` lists them"
        raise UsageError(f"{place}there is no clause {clause_id!r}; {hint}")
