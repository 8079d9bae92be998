"""The same drop with and without jitter, over and over: the storm without it must be judged worse each time.

    python tools/storm_pairs.py --pairs 10

Each pair is two real loads of the bundled server on loopback, whose streams are all cut at one moment. Prints a line
a pair. Exit code 1 when one storm without jitter was not judged worse. A load that came to nothing is said and
repeated, three times at most.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

#: How often a load is begun that comes to nothing, as where a server has no core to start on.
MOST_TRIES = 3
#: How a policy is judged, the better first.
POLICIES = ("spread", "bunched", "stampede")


def main() -> int:
    """Run the pairs that the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=10, metavar="N")
    parser.add_argument("--users", type=int, default=100, metavar="N", help="streams that are dropped, 20 or more")
    arguments = parser.parse_args()
    worse = 0
    with TemporaryDirectory(prefix="pulsegate-storms-") as folder:
        for number in range(arguments.pairs):
            with_jitter = tried(Path(folder) / f"{number}-with", arguments.users, number)
            without = tried(Path(folder) / f"{number}-without", arguments.users, number, "--no-jitter")
            worse += judged_worse(without, with_jitter)
            _say(f"pair {number + 1}: with jitter {told(with_jitter)}; without {told(without)}")
    _say(f"without jitter judged worse: {worse} of {arguments.pairs}")
    return 0 if worse == arguments.pairs else 1


def tried(output: Path, users: int, seed: int, *more: str) -> dict[str, Any] | None:
    """The storm of the first load that has one; None when none of the tries came to anything."""
    tries = (storm(output.with_name(f"{output.name}-{number}"), users, seed, *more) for number in range(MOST_TRIES))
    return next((found for found in tries if found is not None), None)


def storm(output: Path, users: int, seed: int, *more: str) -> dict[str, Any] | None:
    """The storm of one load, as it stands in its record; None where it came to nothing."""
    command = [
        sys.executable, "-P", "-m", "pulsegate.harness.cli.main", "load", "heartbeat", "--reference",
        "--users", str(users), "--spawn-rate", str(users), "--duration", "9s", "--disrupt", "cut@4s",
        "--seed", str(seed), "--output", str(output), *more,
    ]  # fmt: skip
    done = subprocess.run(  # noqa: S603 - our own command
        command, capture_output=True, text=True, check=False
    )
    try:
        storms = json.loads((output / "record.json").read_text())["storms"]
    except FileNotFoundError:
        _say(done.stderr.strip())
        return None
    return dict(storms[0]) if storms else None


def judged_worse(without: dict[str, Any] | None, with_jitter: dict[str, Any] | None) -> bool:
    """Whether the storm without jitter has the worse verdict, and more of its attempts at one moment."""
    if without is None or with_jitter is None or not {without["policy"], with_jitter["policy"]} <= set(POLICIES):
        return False
    worse_verdict = POLICIES.index(without["policy"]) > POLICIES.index(with_jitter["policy"])
    return worse_verdict and float(without["busiest_tenth"]) > float(with_jitter["busiest_tenth"])


def told(found: dict[str, Any] | None) -> str:
    """One storm in a few words."""
    if found is None:
        return "none"
    back = f"all back after {found['all_back_s']:.1f} s" if found["all_back_s"] is not None else "not all back"
    return (
        f"{found['policy']} ({100 * found['busiest_tenth']:.0f} % of {found['dropped']} in a tenth of a second, "
        f"peak {found['peak_per_s']} /s, {back})"
    )


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - the tool's own output


if __name__ == "__main__":
    sys.exit(main())
