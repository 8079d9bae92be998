"""Repairs as edits of the user's own text: the smallest that will do, and every other byte as it was."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pulsegate.harness.proxy.configuration import Configuration
from pulsegate.harness.proxy.directives import Directive
from pulsegate.harness.proxy.settings import settings


@dataclass(frozen=True)
class Change:
    """One edit: `text` takes the place of the characters from `start` to `end` of `file`, at line `line`.

    `text` of an addition is the statements alone, one a line; white space is the file's own.
    """

    action: Literal["add", "replace", "remove"]
    file: Path
    line: int
    start: int
    end: int
    text: str

    def __str__(self) -> str:
        """What is done, and where, for people."""
        said = " ".join(self.text.split())
        return f"{self.file}:{self.line}: " + {
            "add": f"add {said}",
            "replace": f"make it {said}",
            "remove": "take this line out",
        }[self.action]  # fmt: skip


@dataclass(frozen=True)
class Fix:
    """Changes that belong together."""

    changes: tuple[Change, ...]

    def __str__(self) -> str:
        """All of them."""
        return "; ".join(map(str, self.changes))


@dataclass(frozen=True)
class Repaired:
    """A repaired copy: its main file, all that was written, and what changed as a unified diff."""

    path: Path
    written: tuple[Path, ...]
    diff: str


def add_inside(block: Directive, *statements: str) -> Change:
    """Add `statements` at the end of `block`."""
    own = [directive for directive in block.block or () if directive.file == block.file]
    if own:
        return add_after(own[-1], *statements)
    at = block.opening.end if block.opening else 0
    return Change("add", block.file, block.line or 1, at, at, "\n".join(statements))


def add_after(directive: Directive, *statements: str) -> Change:
    """Add `statements` after `directive`, in the same block."""
    line = directive.last.line if directive.last else directive.line
    return Change("add", directive.file, line, directive.end, directive.end, "\n".join(statements))


def replace(directive: Directive, statement: str) -> Change:
    """Make `directive` another one; of a block, only what stands before its brace."""
    end = directive.end if directive.block is None else directive.words[-1].end
    return Change("replace", directive.file, directive.line, directive.start, end, statement)


def remove(directive: Directive) -> Change:
    """Take `directive` out."""
    return Change("remove", directive.file, directive.line, directive.start, directive.end, "")


def put(block: Directive, name: str, value: str) -> Change:
    """Have `name` say `value` in `block`, whatever is inherited."""
    statement = f"{name} {value};"
    own = block.named(name)
    return replace(own[0], statement) if own else add_inside(block, statement)


def put_headers(block: Directive, headers: dict[str, str]) -> tuple[Change, ...]:
    """Have ``proxy_set_header`` say `headers` in `block`.

    A block that sets one header inherits none: those in force so far are then repeated.
    """
    own = block.named("proxy_set_header")
    changes: list[Change] = []
    added = [] if own else [d.text for d in settings(block, "proxy_set_header") if not _sets(d, headers)]
    for name, value in headers.items():
        statement = f"proxy_set_header {name} {value};"
        present = [directive for directive in own if _sets(directive, {name: value})]
        if present:
            changes.append(replace(present[0], statement))
        else:
            added.append(statement)
    return (*changes, *([add_inside(block, *added)] if added else []))


def _sets(directive: Directive, headers: dict[str, str]) -> bool:
    return bool(directive.args) and directive.args[0].lower() in {name.lower() for name in headers}


def apply_fixes(configuration: Configuration, fixes: Iterable[Fix], directory: Path) -> Repaired:
    """Write a copy of `configuration` with `fixes` into `directory`, its files laid out as they were.

    Of changes that meet in one place the first holds. What is included by an absolute path stays where it is
    unless it is changed: then its copy is included instead.
    """
    changes = _by_file(change for fix in fixes for change in fix.changes)
    root = _root(configuration)
    repaired = {file: edited(text, changes.get(file, ())) for file, text in configuration.texts.items()}
    shown = [file for file in configuration.texts if repaired[file] != configuration.texts[file]]
    diff = "".join(_diff(_within(file, root), configuration.texts[file], repaired[file]) for file in shown)
    for include, files in configuration.included.items():
        far = [file for file in files if not file.resolve().is_relative_to(root)]
        if any(file in shown for file in far):
            copies = " ".join(f'include "{directory.resolve() / _within(file, root)}";' for file in files)
            changes.setdefault(include.file, []).append(replace(include, copies))
            shown += [file for file in files if file not in shown]
    written = []
    for file, text in configuration.texts.items():
        if file in shown or file == configuration.path or file.resolve().is_relative_to(root):
            copy = directory / _within(file, root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(edited(text, changes.get(file, ())), encoding="utf-8", newline="")
            written.append(copy)
    return Repaired(directory / _within(configuration.path, root), tuple(written), diff)


def _by_file(changes: Iterable[Change]) -> dict[Path, list[Change]]:
    found: dict[Path, list[Change]] = {}
    for change in changes:
        of_file = found.setdefault(change.file, [])
        if change not in of_file and not any(_meet(change, earlier) for earlier in of_file):
            of_file.append(change)
    return found


def _meet(one: Change, other: Change) -> bool:
    return one.start < other.end and other.start < one.end


def _root(configuration: Configuration) -> Path:
    """The folder that holds the main file and everything that is included by a relative path."""
    near = [configuration.path.parent.resolve()]
    for include, files in configuration.included.items():
        if not Path(include.args[0]).is_absolute():
            near += [file.resolve().parent for file in files]
    return Path(os.path.commonpath(near))


def _within(file: Path, root: Path) -> Path:
    resolved = file.resolve()
    return resolved.relative_to(root if resolved.is_relative_to(root) else resolved.anchor)


def edited(text: str, changes: Sequence[Change]) -> str:
    """`text` with `changes`, all of which mean this text."""
    for change in reversed(sorted(changes, key=lambda change: change.start)):  # noqa: C413 - of equals the last first
        start, end, new = change.start, change.end, change.text
        if change.action == "add":
            start, new = _addition(text, change)
            end = start
        elif change.action == "remove":
            start, end = _whole_line(text, start, end)
        text = text[:start] + new + text[end:]
    return text


def _addition(text: str, change: Change) -> tuple[int, str]:
    """Where an addition goes, and how it looks there: on lines of its own unless its neighbours share one."""
    line_start = text.rfind("\n", 0, change.start) + 1
    line_end = _end_of_line(text, change.start)
    rest = text[change.start : line_end].strip()
    if (rest and not rest.startswith("#")) or change.start == line_start == 0:
        return change.start, " " + " ".join(change.text.split())
    indent = _indent(text, change)
    unit = "\t" if indent.startswith("\t") else "    "
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = [(indent + line.replace("    ", unit)).rstrip() for line in change.text.split("\n")]
    return line_end, "".join(newline + line for line in lines)


def _indent(text: str, change: Change) -> str:
    """The white space before the statement that ends where `change` begins; one step more within an empty block."""
    last = text[: change.start].rstrip()
    line_start = last.rfind("\n") + 1
    found = re.match(r"[ \t]*", text[line_start:])
    indent = found[0] if found else ""
    return indent + ("    " if last.endswith("{") else "")


def _end_of_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    end = len(text) if end < 0 else end
    return end - 1 if text[at:end].endswith("\r") else end


def _whole_line(text: str, start: int, end: int) -> tuple[int, int]:
    """`start` to `end`, and the whole line when nothing else is on it."""
    line_start = text.rfind("\n", 0, start) + 1
    line_end = _end_of_line(text, end)
    if text[line_start:start].strip() or text[end:line_end].strip():
        return start, end
    after = text.find("\n", line_end)
    return line_start, len(text) if after < 0 else after + 1


def _diff(name: Path, before: str, after: str) -> str:
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{name}", f"b/{name}"
    )
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
