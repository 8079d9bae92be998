"""A generator says that it is ready and waits to be let go, so that its memory before the first connection is known."""

from __future__ import annotations

import time
from pathlib import Path

_POLL_S = 0.02


def ready_and_go(folder: Path) -> None:
    """Used by generators: write ``ready`` into `folder`, then wait for ``go``."""
    (folder / "ready").touch()
    while not (folder / "go").exists():
        time.sleep(_POLL_S)


def is_ready(folder: Path) -> bool:
    """Used by the driver: whether the generator has come so far."""
    return (folder / "ready").exists()


def let_go(folder: Path) -> None:
    """Used by the driver: connect now."""
    (folder / "go").touch()
