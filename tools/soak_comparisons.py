"""Comparisons of the reference server with itself, and with worse builds of it: no false FAIL, regressions caught.

    python tools/soak_comparisons.py --equal 20 --slower 5 --leaking 3

Prints a line a comparison. Exit code 1 when an equal build failed, a worse one passed, or one came to
nothing; INCONCLUSIVE is neither, and is counted. Options of ``pulsegate compare`` are passed on.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

#: What is compared with the plain reference server: its flags, and the finding that would be wrong.
KINDS = {
    "equal": ("", "worse"),
    "slower": ("--word-gap-ms 60", "held"),
    "leaking": ("--vary streams-leak-memory", "held"),
}


def main() -> int:
    """Run the comparisons that the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for kind in KINDS:
        parser.add_argument(
            f"--{kind}", type=int, default=0, metavar="N", help=f"comparisons with a build that is {kind}"
        )
    arguments, passed_on = parser.parse_known_args()
    wrong = 0
    with TemporaryDirectory(prefix="pulsegate-soak-") as folder:
        for kind, (flags, mistake) in KINDS.items():
            found: Counter[str] = Counter()
            for number in range(getattr(arguments, kind)):
                finding = compare(kind, number, flags, Path(folder), passed_on)
                found[finding] += 1
                wrong += finding in (mistake, "none")
            if found:
                _say(f"{kind}: " + ", ".join(f"{count} {finding}" for finding, count in found.items()))
    return 1 if wrong else 0


def compare(kind: str, number: int, flags: str, folder: Path, options: list[str]) -> str:
    """One comparison; what it found, or ``none`` where it came to nothing."""
    output = folder / f"{kind}-{number}"
    command = [
        sys.executable, "-P", "-m", "pulsegate.harness.cli.main", "compare", "--reference", f"--b-serve={flags}",
        "--no-contract", "--seed", str(100 * number), "--output", str(output), *options,
    ]  # fmt: skip
    began_s = time.monotonic()
    done = subprocess.run(  # noqa: S603 - our own command
        command, capture_output=True, text=True, check=False
    )
    took_s = time.monotonic() - began_s
    try:
        comparison = json.loads((output / "record.json").read_text())["comparison"]
    except FileNotFoundError:
        _say(f"{kind} {number + 1}: {done.stderr.strip()}")
        return "none"
    _say(f"{kind} {number + 1} ({took_s:.0f} s): {comparison['sentence']}")
    return str(comparison["finding"])


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - the tool's own output


if __name__ == "__main__":
    sys.exit(main())
