"""The whole record of a run, and how it is read and written."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from pulsegate.harness.errors import ExitCode, RecordError
from pulsegate.harness.record.browser import BrowserRun
from pulsegate.harness.record.comparison import Comparison, Repeated
from pulsegate.harness.record.contract import ClauseResult, SurfaceResult
from pulsegate.harness.record.measured import Measured
from pulsegate.harness.record.model import Model
from pulsegate.harness.record.proxy import ProxyConfiguration, ProxyFinding

SCHEMA_VERSION = 1


class TargetInfo(Model):
    """Which target was measured."""

    url: str
    profile: str | None = None
    reference: bool = False


class Environment(Model):
    """The machine and the tool that measured."""

    pulsegate: str
    python: str
    platform: str
    cpus: int
    cpu: str = Field(default="", description="the processor's own name, where it is known")
    memory_gb: float | None = None
    receive_stamps: Literal["kernel", "user space"] = "kernel"


class Verdict(Model):
    """The answer, first."""

    exit_code: int
    sentence: str
    passed: int = 0
    failed: int = 0
    accepted: int = 0
    not_offered: int = 0
    not_measured: int = 0


class RunRecord(Measured):
    """Everything one command measured."""

    schema_version: Annotated[int, Field(ge=1)] = SCHEMA_VERSION
    command: str
    arguments: list[str] = Field(default_factory=list)
    started_at: datetime
    finished_at: datetime
    interrupted: bool = False
    target: TargetInfo
    environment: Environment
    verdict: Verdict
    warnings: list[str] = Field(default_factory=list)
    surfaces: dict[str, SurfaceResult] = Field(default_factory=dict)
    clauses: list[ClauseResult] = Field(default_factory=list)
    configurations: dict[str, ProxyConfiguration] = Field(default_factory=dict)
    findings: list[ProxyFinding] = Field(default_factory=list)
    comparison: Comparison | None = None
    repeated: Repeated | None = Field(default=None, description="runs that make a record a baseline")
    browser: BrowserRun | None = None

    @property
    def exit_code(self) -> ExitCode:
        """The verdict's exit code."""
        return ExitCode(self.verdict.exit_code)


def json_schema() -> dict[str, Any]:
    """The record's JSON Schema (draft 2020-12)."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **RunRecord.model_json_schema()}


def write_record(record: RunRecord, file: Path) -> None:
    """Write `record` as JSON; the file appears whole or not at all."""
    partial = file.with_name(file.name + ".partial")
    try:
        partial.write_text(record.model_dump_json(indent=1) + "\n", encoding="utf-8")
        partial.replace(file)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


def read_record(file: Path) -> RunRecord:
    """Read a record, or the ``record.json`` of a run directory; RecordError names the place."""
    try:
        if file.is_dir():
            file = file / "record.json"
        data = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecordError(f"{file}: there is no such run record") from None
    except OSError as problem:
        raise RecordError(f"{file}: the record cannot be read: {problem.strerror}") from None
    except UnicodeDecodeError as problem:
        raise RecordError(f"{file}: the record cannot be read: it is not UTF-8 at byte {problem.start}") from None
    except json.JSONDecodeError as problem:
        raise RecordError(f"{file}:{problem.lineno}: not valid JSON: {problem.msg}; was it cut short?") from None
    except (ValueError, RecursionError):
        raise RecordError(f"{file}: no run record: its numbers are too long, or it is nested too deeply") from None
    version = data.get("schema_version") if isinstance(data, dict) else None
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise RecordError(f"{file}: written with schema {version}; this Pulsegate reads up to {SCHEMA_VERSION}")
    try:
        return RunRecord.model_validate(data)
    except ValidationError as problem:
        first = problem.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise RecordError(f"{file}: at {place or 'the top'}: {first['msg'].lower()}") from None
