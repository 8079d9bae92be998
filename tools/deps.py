"""Install the real parts that tests use from Debian's packages: as root, else print the one command that does."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys

from pulsegate.harness.parts import PARTS, Part

UPDATE_LIMIT_S = 120
INSTALL_LIMIT_S = 900
APT = (
    "apt-get", "-qq", "-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=20", "-o", "DPkg::Lock::Timeout=60",
)  # fmt: skip


def main() -> int:
    """0 when all parts are there now; with --optional always."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="+", choices=list(PARTS), metavar="PART")
    parser.add_argument("--optional", action="store_true", help="go on without what cannot be installed")
    options = parser.parse_args()
    wanted = [PARTS[name] for name in options.parts]
    missing = [part for part in wanted if part.find() is None]
    if missing:
        say(provide(missing))
    elif not options.optional:
        say(f"all there: {', '.join(f'{part.title} ({part.find()})' for part in wanted)}")
    return 0 if options.optional or all(part.find() for part in wanted) else 1


def provide(missing: list[Part]) -> str:
    """Install what is missing, or say why not; one line for the user."""
    titles = ", ".join(part.title for part in missing)
    packages = [package for part in missing for package in part.packages]
    command = f"apt-get install --no-install-recommends {' '.join(packages)}"
    if shutil.which("apt-get") is None:
        return f"not here: {titles}; tests that need them are skipped until they are installed"
    if os.geteuid() != 0:
        return f"not here: {titles}; tests that need them are skipped until you run: sudo {command}"
    say(f"installing {titles}: {command}")
    problem = run([*APT, "update"], UPDATE_LIMIT_S) or run(
        [*APT, "install", "--yes", "--no-install-recommends", *packages], INSTALL_LIMIT_S
    )
    left = [part.title for part in missing if part.find() is None]
    return f"could not install {', '.join(left)}: {problem}" if left else f"installed {titles}"


def run(line: list[str], limit_s: int) -> str:
    """Run it without questions; its last words when it fails, else nothing."""
    try:
        done = subprocess.run(  # noqa: S603 - apt-get, with our own arguments
            line, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=limit_s, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"{line[0]} took more than {limit_s} s"
    if done.returncode == 0:
        return ""
    lines = (done.stderr.strip() or f"{line[0]} failed").splitlines()
    return next((text for text in lines if text.startswith("E: ")), lines[-1])


def say(text: str) -> None:
    """One line, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
