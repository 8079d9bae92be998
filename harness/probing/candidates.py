"""Which paths are tried for which surface, likelier ones first."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable

from pulsegate.harness.probing.documents import Document, suspected
from pulsegate.harness.profile import Surfaces
from pulsegate.harness.ready_profiles import profile_text, ready_profiles

USUAL = {
    "health": ("/health", "/healthz", "/api/health", "/livez"),
    "sse": ("/api/copilotkit", "/events", "/sse", "/stream", "/api/events", "/api/stream", "/api/v1/events"),
    "rt": ("/api/copilotkit?protocol=sse",),
    "run": ("/api/copilotkit",),
    "ws": ("/api/copilotkit/ws", "/ws", "/socket", "/api/ws", "/websocket"),
    "kit": ("/api/chatkit", "/chatkit"),
    "cmp": ("/v1/chat/completions", "/api/v1/chatkit", "/chat/completions", "/api/chat/completions"),
    "chat": ("/api/v1/chat", "/api/chat"),
    "fall": ("/ai/chat", "/chat"),
    "agui": ("/agent", "/agui", "/ag-ui", "/awp", "/api/agent", "/"),
}

#: This many of the paths that a target names for one surface are tried.
MOST_TOLD = 5

_SURFACE_OF = (
    ("ws", r"\bwss?\b|socket"),
    ("cmp", r"completions"),
    ("kit", r"chatkit"),
    ("agui", r"ag-?ui|agent|awp"),
    ("sse", r"stream|events?\b|sse\b"),
    ("health", r"health"),
    ("chat", r"chat"),
)

Candidates = dict[str, list[str]]


def surfaces() -> list[str]:
    """The surfaces that a profile can name, in its order."""
    return list(Surfaces.model_fields)


def usual(page_paths: Iterable[str]) -> Candidates:
    """The paths to try: those that the target's page names, then the documented ones, then what is usual elsewhere."""
    paths = _by_surface((surface, path) for path in page_paths if (surface := _surface_of(path)))
    known = {surface: told[:MOST_TOLD] for surface, told in paths.items()}
    others = _by_surface([*_defaults(), *_of_ready_profiles(), *_usual()])
    return {name: list(dict.fromkeys([*known.get(name, []), *others.get(name, [])])) for name in surfaces()}


def documented(document: Document) -> Candidates:
    """The paths that the target's own document names."""
    named = _by_surface((surface, one.path) for one in document.operations if (surface := suspected(one)))
    return {surface: named.get(surface, [])[:MOST_TOLD] for surface in surfaces()}


def _by_surface(pairs: Iterable[tuple[str, str]]) -> Candidates:
    paths: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for surface, path in pairs:
        paths[surface][path] = None
    return {surface: list(told) for surface, told in paths.items()}


def _surface_of(path: str) -> str | None:
    return next((surface for surface, pattern in _SURFACE_OF if re.search(pattern, path, re.IGNORECASE)), None)


def _defaults() -> Iterable[tuple[str, str]]:
    for surface, field in Surfaces.model_fields.items():
        if isinstance(field.default, str):
            yield surface, field.default


def _of_ready_profiles() -> Iterable[tuple[str, str]]:
    for name in ready_profiles():
        yield from profile_surfaces(name).items()


def _usual() -> Iterable[tuple[str, str]]:
    return ((surface, path) for surface, paths in USUAL.items() for path in paths)


def profile_surfaces(name: str) -> dict[str, str]:
    """What the ready profile `name` offers: a path for each of its surfaces."""
    named = tomllib.loads(profile_text(name)).get("surfaces", {})
    return {surface: path for surface, path in named.items() if isinstance(path, str)}


def likeness(found: dict[str, str], *, sdk: bool = False) -> str | None:
    """The ready profile that offers most nearly what was `found`, a path for each surface.

    `sdk` says that its ChatKit surface fails as the SDK does.
    """
    names = [name for name in ready_profiles() if "kit" not in found or _built_on_sdk(name) == sdk]
    scores = {name: _score(found, profile_surfaces(name)) for name in names}
    best = max(scores, key=scores.__getitem__, default=None)
    return best if best is not None and scores[best] > 0 else None


def _built_on_sdk(name: str) -> bool:
    return tomllib.loads(profile_text(name)).get("kit", {}).get("sdk") is True


def _score(found: dict[str, str], offered: dict[str, str]) -> float:
    same = found.keys() & offered.keys()
    paths = sum(found[surface] == offered[surface] for surface in same)
    return len(same) + paths / 2 - len(found.keys() ^ offered.keys())
