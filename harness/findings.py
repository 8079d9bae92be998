"""The findings of a proof; kept in a file while a long one runs, so that it goes on where it was interrupted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from pydantic import TypeAdapter

from pulsegate.harness.errors import UsageError
from pulsegate.harness.proof import HEALTHY, Finding, Planted

#: What a finding depends on.
CODE = ("fixtures", "harness", "reference_server", "scenarios")

_FINDING = TypeAdapter(Finding)


class Findings:
    """What was found so far.

    The file, where there is one, holds JSON lines: the fingerprint of the code, then a finding each. It is
    begun anew when the code has changed. UsageError when it is not ours.
    """

    def __init__(self, path: Path | None) -> None:
        self.all: list[Finding] = []
        self._path = path
        if path is not None:
            code = fingerprint()
            self.all = _read(path, code) if path.exists() else []
            lines = [json.dumps({"code": code}), *map(_line_of, self.all)]
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def add(self, finding: Finding) -> None:
        """Keep `finding`; a later try takes the place of the first."""
        if finding.tries > 1:
            self.all = [one for one in self.all if one.planted != finding.planted]
        self.all.append(finding)
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(_line_of(finding) + "\n")

    def left_of(self, wanted: Iterable[Planted]) -> list[Planted]:
        """Those of `wanted` that are not settled yet: found as declared, tried twice, or the healthy server."""
        settled = Counter(
            one.planted.name for one in self.all if one.as_declared or one.tries > 1 or one.planted == HEALTHY
        )
        left = []
        for one in wanted:
            if settled[one.name]:
                settled[one.name] -= 1
            else:
                left.append(one)
        self.all = [one for one in self.all if one.planted not in left or one.planted == HEALTHY]
        return left


def fingerprint() -> str:
    """A digest of everything that a finding depends on."""
    digest = sha256()
    for folder in CODE:
        for name, content in sorted(_files(resources.files(f"pulsegate.{folder}"), folder)):
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _files(folder: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if not entry.is_dir():
            yield f"{path}/{entry.name}", entry.read_bytes()
        elif entry.name != "__pycache__":
            yield from _files(entry, f"{path}/{entry.name}")


def _read(path: Path, code: str) -> list[Finding]:
    first, *rest = path.read_text(encoding="utf-8").splitlines() or [""]
    try:
        same = json.loads(first)["code"] == code
        # a run that was killed may have left half a line
        found = [_FINDING.validate_json(line) for line in rest if line.endswith("}")] if same else []
    except (ValueError, KeyError, TypeError):
        raise UsageError(f"{path} does not hold the findings of a proof; name another file") from None
    tried_again = {one.planted.name for one in found if one.tries > 1}
    return [one for one in found if one.tries > 1 or one.planted.name not in tried_again]


def _line_of(finding: Finding) -> str:
    return _FINDING.dump_json(finding).decode()
