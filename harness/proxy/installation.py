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
_MODULES = re.compile(r"--modules-path=(\S+)")


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
#: Since then there is ``http2 on``, and a plain port with it takes HTTP/1.1 as well.
HTTP_2_DIRECTIVE = Version(1, 25, 1)


@dataclass(frozen=True)
class Installation:
    """An nginx that can be started: a `binary` of this machine, or a container `image`; `modules` is their folder."""

    version: Version
    binary: Path | None = None
    image: str | None = None
    modules: str = ""

    def __str__(self) -> str:
        """Version and whereabouts, for a report."""
        return f"nginx {self.version} ({self.binary or self.image})"


def find_nginx() -> Installation:
    """The machine's nginx, else the official container; ToolMissing says how to get one."""
    program = part("nginx")
    if binary := program.find():
        text = _built(binary)
        return Installation(_parsed(text, str(binary)), binary=binary, modules=_modules(text))
    if problem := containers.why_not():
        raise ToolMissing(f"{program.reason}, or run a container engine ({problem})")
    image = containers.image()
    text = containers.version_text(image)
    return Installation(_parsed(text, image), image=image, modules=_modules(text))


def nginx_version(binary: Path | None = None) -> Version:
    """The version of `binary`, by default of the nginx that `find_nginx` finds."""
    if binary is None:
        return find_nginx().version
    return _parsed(_built(binary), str(binary))


def _built(binary: Path) -> str:
    """What it says of itself: its version, and what it was built with."""
    done = subprocess.run([binary, "-V"], capture_output=True, text=True, timeout=30, check=False)  # noqa: S603 - nginx
    return done.stderr + done.stdout


def _modules(text: str) -> str:
    found = _MODULES.search(text)
    return found[1] if found else ""


def _parsed(text: str, source: str) -> Version:
    found = _VERSION.search(text)
    if found is None:
        raise CouldNotMeasure(f"{source} does not say which nginx it is: {text.strip()!r}")
    return Version(*map(int, found.groups()))
