"""What probing a target found."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

#: So many paths with the same answer are named, the others counted.
MOST_LISTED = 3


class Sureness(IntEnum):
    """How a surface was recognised; higher is surer."""

    LOCKED = 1  # only that something is there: it wants an identity
    LIKELY = 2  # the transport fits, what it says is not as documented
    CERTAIN = 3


@dataclass(frozen=True, slots=True)
class Found:
    """One surface: where it answers, and what was seen there."""

    surface: str
    path: str
    seen: str
    sureness: Sureness = Sureness.CERTAIN


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """An interval, in seconds, and how it was measured."""

    interval_s: float
    how: str


@dataclass(frozen=True, slots=True)
class Cors:
    """The first of the tried origins that was admitted; `any_origin` when an invented one was, too."""

    origin: str | None = None
    any_origin: bool = False


@dataclass(slots=True)
class Findings:
    """Everything that probing found out about the target at `url`, which holds no login.

    `tried` holds the paths of each surface by what they answered instead, and `ill` the surfaces where that
    was an error or a page, as if something were there that does not work. `members` are the names that the
    plain chat endpoint gives its request and its answer. `sent` lists the requests that may have
    started an answer of a model. `token_seen` is what the token brought where no 2xx shows that it was accepted, and
    neither 401 nor 403 that it was not. `open_streams` are gauges by surface, `spare_gauges` those that belong to none.
    """

    url: str
    found: dict[str, Found] = field(default_factory=dict)
    tried: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    ill: set[str] = field(default_factory=set)
    login_left_out: bool = False
    token_from: str = ""
    token_accepted: bool = False
    token_seen: str = ""
    kit_sdk: bool = False
    members: tuple[str, str] | None = None
    models: list[str] = field(default_factory=list)
    heartbeat: Heartbeat | None = None
    heard_s: float = 0.0
    cors: Cors | None = None
    metrics_path: str | None = None
    open_streams: dict[str, str] = field(default_factory=dict)
    spare_gauges: list[str] = field(default_factory=list)
    requests_per_min: int | None = None
    rate_headers: list[str] = field(default_factory=list)
    fallback_page: bool = False
    document: str = ""
    left_out: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    requests: int = 0
    cut_short: bool = False

    @property
    def locked(self) -> list[str]:
        """The surfaces that want an identity before they show more."""
        return [name for name, one in self.found.items() if one.sureness is Sureness.LOCKED]

    def instead(self, surface: str) -> str:
        """What the paths of `surface` answered instead."""
        groups = [f"{told} at {_listed(paths)}" for told, paths in self.tried.get(surface, {}).items()]
        return "; ".join(groups) or "nothing to try"


def _listed(paths: list[str]) -> str:
    more = f" and {len(paths) - MOST_LISTED} more" if len(paths) > MOST_LISTED else ""
    return ", ".join(paths[:MOST_LISTED]) + more
