"""`pulsegate check`: the contract against a target."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from typer import Exit, Option

from pulsegate.harness.cli.completion import clause_ids, clauses_and_surfaces, surface_names
from pulsegate.harness.cli.options import RunOptions, takes


class LevelChoice(StrEnum):
    """The lowest level whose failures decide the verdict."""

    documented = "documented"
    expected = "expected"
    hardening = "hardening"


@takes(RunOptions)
def check(
    options: RunOptions,
    *,
    level: Annotated[
        LevelChoice, Option(help="The weakest level whose failures break the verdict; all are checked.")
    ] = LevelChoice.expected,
    select: Annotated[
        list[str],
        Option(help="Only these clauses, such as SSE-1; repeatable.", metavar="ID", autocompletion=clause_ids),
    ] = [],  # noqa: B006 - typer reads it
    skip: Annotated[
        list[str],
        Option(
            help="All but these clauses or surfaces; repeatable.", metavar="ID", autocompletion=clauses_and_surfaces
        ),
    ] = [],  # noqa: B006 - typer reads it
    surface: Annotated[
        list[str],
        Option(help="Only these surfaces, such as sse; repeatable.", metavar="NAME", autocompletion=surface_names),
    ] = [],  # noqa: B006 - typer reads it
    repeat: Annotated[int, Option(help="Check each clause this often; one failure fails it.", min=1)] = 1,
    fail_fast: Annotated[bool, Option("--fail-fast", help="Stop at the first failed clause.")] = False,
    read_only: Annotated[bool, Option("--read-only", help="Leave out clauses that change the target's data.")] = False,
    require_measured: Annotated[
        bool, Option("--require-measured", help="Count a clause that was not measured as failed.")
    ] = False,
) -> None:
    """Check a target against the contract; print the conformance grid.

    [bold]Examples[/bold]

      pulsegate check --reference --heartbeat 1

      pulsegate check --target http://127.0.0.1:8000 --surface sse --surface ws

      pulsegate check --profile staging.toml --wait 60s --junit junit.xml
    """
    from pulsegate.harness.cli.running import Run
    from pulsegate.harness.contract.options import CheckOptions
    from pulsegate.harness.contract.run import run_check

    with Run("check", options) as run:
        wanted = CheckOptions(
            level=level.value,
            select=tuple(select),
            skip=tuple(skip),
            surfaces=tuple(surface),
            repeat=repeat,
            fail_fast=fail_fast,
            read_only=read_only,
            require_measured=require_measured,
            timeout_s=run.timeout_s,
            wait_s=run.wait_s,
            arguments=run.arguments,
        )
        with run.progress() as listener:
            record = run_check(run.target, wanted, listener, server=run.server)
        run.finish(record)
    raise Exit(record.exit_code)
