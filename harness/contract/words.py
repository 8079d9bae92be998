"""A failed clause in words, for a terminal that shows plain text."""

from __future__ import annotations

from pulsegate.harness.record import ClauseResult


def failure_text(result: ClauseResult) -> str:
    """What the clause asks, what came instead, why that may be, what to do, and how to see it."""
    lines = [f"{result.id} {result.title} ({result.level})"]
    parts = {
        "requirement": result.requirement,
        "expected": result.expected if result.expected != result.requirement else "",
        "actual": result.actual,
        "where": result.reason,
        "cause": result.cause,
        "remedy": result.remedy,
        "source": result.source,
        "try": result.curl,
    }
    for name, text in parts.items():
        if text:
            lines.append(f"  {name + ':':<13}{_indented(text)}")
    return "\n".join(lines)


def _indented(text: str) -> str:
    return text.strip().replace("\n", "\n" + " " * 15)
