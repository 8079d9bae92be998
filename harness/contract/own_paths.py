"""Remedies and causes in the target's own paths: clauses are written with those of the documented backend."""

from __future__ import annotations

import re

from pulsegate.harness.profile import Surfaces

#: The paths of the documented backend, by surface.
DOCUMENTED = {name: one.default for name, one in Surfaces.model_fields.items() if isinstance(one.default, str)}
_LEAF = "/chat/completions"


def in_own_paths(text: str, surface: str, surfaces: Surfaces) -> str:
    """`text` of a clause of `surface` with the paths of the profile's `surfaces` in place of the documented ones."""
    paths = _own_paths(surface, surfaces)
    if not paths:
        return text
    pattern = "|".join(re.escape(path) for path in sorted(paths, key=len, reverse=True))
    return re.sub(rf"(?<![\w/.-])(?:{pattern})(?![\w-])", lambda found: paths[found[0]], text)


def _own_paths(surface: str, surfaces: Surfaces) -> dict[str, str]:
    """Documented path -> own path, those that differ; several surfaces may share a documented one."""
    paths: dict[str, str] = {}
    for name in (surface, *Surfaces.model_fields):
        documented = DOCUMENTED.get(name)
        own = surfaces.path(name) if documented else False
        if documented and own:
            paths.setdefault(_bare(documented), _bare(own))
    if surface == "cmp":
        paths |= _mounting(_bare(DOCUMENTED["cmp"]), _bare(surfaces.cmp or ""))
    return {documented: own for documented, own in paths.items() if documented != own}


def _mounting(documented: str, own: str) -> dict[str, str]:
    """The two halves of a path, as a router and its prefix, or a client and its base address, name them."""
    if not own:
        return {}
    (base, leaf), (own_base, own_leaf) = _halves(documented), _halves(own)
    return {f'{base}"': f'{own_base}"', f'"{leaf}"': f'"{own_leaf}"'}


def _halves(path: str) -> tuple[str, str]:
    if path.endswith(_LEAF):
        return path.removesuffix(_LEAF), _LEAF
    base, _, leaf = path.rpartition("/")
    return base, f"/{leaf}"


def _bare(path: str) -> str:
    return path.partition("?")[0]
