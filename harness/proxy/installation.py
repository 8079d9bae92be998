"""Which nginx there is: the machine's own program, else the official container, and its version."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pulsegate.harness.errors import CouldNotMeasure, ToolMissing
from pulsegate.harness.parts import part
from pulsegate.harness.proxy import containers

_VERSION = re.compile(r"nginx(?:-\w+)?/(\d+)\.(\d+)\.(\d+)")


class Version(NamedTuple):
    """A version of nginx, comparable."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        """As nginx writes it."""
        return f"{self.major}.{self.minor}.{self.patch}"


#: Since then an upstream is spoken to in HTTP/1.1, with connections kept alive, unless told otherwise.
HTTP_1_1_BY_DEFAULT = Version(1, 29, 7)


@dataclass(frozen=True)
class Installation:
    """An nginx that can be started: a `binary` of this machine, or a container `image`."""

    version: Version
    binary: Path | None = None
    image: str | None = None

    def __str__(self) -> str:
        """Version and whereabouts, for a report."""
        return f"nginx {self.version} ({self.binary or self.image})"


def find_nginx() -> Installation:
    """The machine's nginx, else the official container; ToolMissing says how to get one."""
    program = part("nginx")
    if binary := program.find():
        return Installation(nginx_version(binary), binary=binary)
    if problem := containers.why_not():
        raise ToolMissing(f"{program.reason}, or run a container engine ({problem})")
    image = containers.image()
    return Installation(_parsed(containers.version_text(image), image), image=image)


def nginx_version(binary: Path | None = None) -> Version:
    """The version of `binary`, by default of the nginx that `find_nginx` finds."""
    if binary is None:
        return find_nginx().version
    done = subprocess.run([binary, "-v"], capture_output=True, text=True, timeout=30, check=False)  # noqa: S603 - nginx
    return _parsed(done.stderr + done.stdout, str(binary))


def _parsed(text: str, source: str) -> Version:
    found = _VERSION.search(text)
    if found is None:
        raise CouldNotMeasure(f"{source} does not say which nginx it is: {text.strip()!r}")
    return Version(*map(int, found.groups()))
