"""How each real part is found on this machine, and what brings it when it is missing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pulsegate.harness.errors import ToolMissing, UsageError

REQUIRE_VARIABLE = "PULSEGATE_REQUIRE"


@dataclass(frozen=True)
class Part:
    """A program of the system, under any of `programs`; `helpers` are the other programs it is useless without.

    `folders` (globs) are looked through after the search path, the last match first. `packages` are Debian's.
    `image` is the official container of a part that can be had so.
    """

    name: str
    title: str
    programs: tuple[str, ...]
    packages: tuple[str, ...]
    folders: tuple[str, ...] = ()
    helpers: tuple[str, ...] = ()
    image: str = ""

    @property
    def variable(self) -> str:
        """The environment variable that names the program, such as ``PULSEGATE_NGINX``."""
        return f"PULSEGATE_{self.name.upper()}"

    @property
    def image_variable(self) -> str:
        """The environment variable that names another container image, such as ``PULSEGATE_NGINX_IMAGE``."""
        return f"{self.variable}_IMAGE"

    @property
    def wanted_image(self) -> str:
        """The image that is used: the official one, unless the environment names another."""
        return os.environ.get(self.image_variable) or self.image

    def find(self) -> Path | None:
        """The program, or None; UsageError when the variable names something that is none."""
        if given := os.environ.get(self.variable):
            if found := shutil.which(given):
                return Path(found)
            raise UsageError(f"{self.variable} names {given!r}, which is not a program")
        path = self._search_path()
        if not all(shutil.which(helper, path=path) for helper in self.helpers):
            return None
        return next((Path(found) for name in self.programs if (found := shutil.which(name, path=path))), None)

    def helper(self, name: str) -> Path:
        """The helper of that name, beside the program or where programs are looked for; ToolMissing."""
        path = os.pathsep.join([str(self.require().resolve().parent), self._search_path()])
        found = shutil.which(name, path=path)
        if found is None:
            raise ToolMissing(self.reason)
        return Path(found)

    def _search_path(self) -> str:
        further = (sorted(Path("/").glob(pattern.lstrip("/")), reverse=True) for pattern in self.folders)
        return os.pathsep.join([*os.get_exec_path(), *(str(folder) for folders in further for folder in folders)])

    def require(self) -> Path:
        """The program; ToolMissing says what is missing, and what to do."""
        found = self.find()
        if found is None:
            raise ToolMissing(self.reason)
        return found

    @property
    def reason(self) -> str:
        """Why what needs this part cannot run where it is missing."""
        packages = " and ".join(self.packages)
        return f"no {self.title} on this machine; install {packages}, or name the program in {self.variable}"


PARTS = {
    part.name: part
    for part in (
        Part("nginx", "nginx", ("nginx",), ("nginx-light",), folders=("/usr/sbin", "/usr/local/sbin"),
             image="nginx:stable"),
        Part("chromium", "Chromium", ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
             ("chromium",)),
        Part("postgres", "PostgreSQL", ("postgres",), ("postgresql",), folders=("/usr/lib/postgresql/*/bin",),
             helpers=("initdb",), image="postgres:17"),
        Part("redis", "Redis", ("redis-server",), ("redis-server",), image="redis:8"),
        Part("node", "Node with npm", ("node", "nodejs"), ("nodejs", "npm"), helpers=("npm",)),
    )
}  # fmt: skip


def part(name: str) -> Part:
    """The part of that name; UsageError lists the known ones."""
    if name not in PARTS:
        raise UsageError(f"there is no part {name!r}; known: {', '.join(PARTS)}")
    return PARTS[name]


def required_parts(environ: Mapping[str, str]) -> frozenset[str]:
    """The parts that PULSEGATE_REQUIRE says must be there; UsageError for an unknown name."""
    names = [name.strip() for name in environ.get(REQUIRE_VARIABLE, "").split(",")]
    return frozenset(_required(name) for name in names if name)


def _required(name: str) -> str:
    try:
        return part(name).name
    except UsageError as problem:
        raise UsageError(f"{REQUIRE_VARIABLE}: {problem}") from None
