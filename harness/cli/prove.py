"""`pulsegate prove`: every planted fault against the contract, and the score."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Exit, Option

from pulsegate.harness.cli.completion import planted_names

if TYPE_CHECKING:
    from pulsegate.harness.proof import Finding


def prove(
    names: Annotated[
        list[str] | None,
        Argument(help="Only these faults or variations.", metavar="NAME", autocompletion=planted_names),
    ] = None,
    *,
    jobs: Annotated[int, Option(help="How many servers at once.", min=1)] = 2,
    own_surfaces: Annotated[
        bool, Option("--own-surfaces", help="Check each fault only against the surfaces of its clauses.")
    ] = False,
    sample: Annotated[bool, Option("--sample", help="One fault for each clause instead of all.")] = False,
    healthy: Annotated[int, Option(help="Check the healthy server this often as well.", min=0)] = 0,
    markdown: Annotated[Path | None, Option(help="Write the table of proofs here.", metavar="FILE")] = None,
    resume: Annotated[
        Path | None, Option(help="Keep the findings here; go on where an interrupted run stopped.", metavar="FILE")
    ] = None,
) -> None:
    """Show that the contract can fail: plant each fault and see that exactly its clauses turn red.

    Also plants each legal variation, on which nothing may fail. Exits 1 when a fault was missed, something
    failed that should not, or a clause has no fault. What was not as declared gets a second try, alone.

    [bold]Examples[/bold]

      pulsegate prove --sample

      pulsegate prove agui-buffered --own-surfaces
    """
    from pulsegate.harness.cli.output import console_for, write
    from pulsegate.harness.contract.registry import load_clauses
    from pulsegate.harness.findings import Findings
    from pulsegate.harness.proof import HEALTHY, choose, examine_all, one_per_clause, planted_changes, unproven

    clauses = load_clauses().values()
    faults, variations = planted_changes()
    chosen = one_per_clause(clauses, faults) if sample else choose([*faults, *variations], names or [])
    chosen += [HEALTHY] * healthy
    console = console_for(no_color=False)
    known = Findings(resume)
    left = known.left_of(chosen)
    if len(left) < len(chosen):
        console.print(f"{len(chosen) - len(left)} are known from the interrupted run", markup=False)
    for number, finding in enumerate(examine_all(left, jobs=jobs, whole_contract=not own_surfaces), start=1):
        place = f"{number:>3}/{len(left)}" if finding.tries == 1 else "again"
        console.print(f"{place} {_line(finding)}", markup=False, soft_wrap=True)
        known.add(finding)
    findings = known.all
    bare = [] if names else unproven(clauses, faults)
    if bare:
        console.print(f"clauses without a fault: {', '.join(bare)}", markup=False)
    wrong = [finding for finding in findings if not finding.as_declared]
    console.print(f"{_score(findings)} as declared", markup=False)
    if markdown is not None:
        write(markdown, lambda file: _write_page(file, findings))
    raise Exit(1 if wrong or bare else 0)


def _line(finding: Finding) -> str:
    if finding.as_declared:
        return f"✔ {finding.planted.name}: {', '.join(finding.failed) or 'nothing failed'}"
    parts = [
        f"missed {', '.join(finding.missed)}" if finding.missed else "",
        f"another cause named for {', '.join(finding.miscaused)}" if finding.miscaused else "",
        f"not measured {', '.join(finding.unmeasured)}" if finding.unmeasured else "",
        f"also failed {', '.join(finding.spurious)}" if finding.spurious else "",
        finding.problem,
    ]
    return f"✘ {finding.planted.name}: {'; '.join(part for part in parts if part)}"


def _write_page(file: Path, findings: list[Finding]) -> None:
    from pulsegate.harness.proof import HEALTHY

    healthy = [one for one in findings if one.planted == HEALTHY]
    faults = [one for one in findings if not one.planted.legal]
    legal = [one for one in findings if one.planted.legal and one.planted != HEALTHY]
    lines = [
        "# Proof that the contract can fail",
        "",
        "Written by `make prove`: the reference server, one planted change at a time, against the contract.",
        "",
        f"- faults found, by exactly the clauses they declare: {_score(faults)}",
        f"- legal variations on which nothing failed: {_score(legal)}",
        f"- runs of the healthy server in which nothing failed: {_score(healthy)}",
        "",
        "| fault | breaks | what it does | result |",
        "|---|---|---|---|",
        *(_row(one) for one in sorted(faults, key=lambda one: one.planted.name)),
        "",
        "| legal variation | what it does | result |",
        "|---|---|---|",
        *(_row(one) for one in sorted(legal, key=lambda one: one.planted.name)),
    ]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _score(findings: list[Finding]) -> str:
    right = [one for one in findings if one.as_declared]
    again = sum(one.tries > 1 for one in right)
    return f"{len(right)} of {len(findings)}" + (f" ({again} at the second try)" if again else "")


def _row(finding: Finding) -> str:
    planted = finding.planted
    found = "found" if finding.tries == 1 else "found at the second try"
    result = found if finding.as_declared and not planted.legal else _line(finding).partition(": ")[2]
    cells = [planted.name, *([] if planted.legal else [", ".join(planted.breaks)]), planted.summary, result]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
