"""Applying a JSON Patch (RFC 6902) to a JSON value, as strictly as the clients of AG-UI do.

1. A path is a JSON Pointer (RFC 6901): empty, or tokens that each follow a slash; ``~0`` is ``~``, ``~1`` is ``/``.
2. ``add`` needs the parent, and in an array an index up to its length, or ``-``; all others need the place itself.
3. ``move`` does not go into its own child; ``test`` compares JSON values, so that 1 equals 1.0 and is not true.
4. Operations hold members of their own only by name: further members are passed over.
"""

from __future__ import annotations

import copy
import re
from typing import Any

from pulsegate.scenarios.contract.json_values import difference, shown

_POINTER = re.compile(r"(/([^/~]|~[01])*)*")
_INDEX = re.compile(r"0|[1-9][0-9]*")
_NEEDED = {
    "add": ("path", "value"),
    "remove": ("path",),
    "replace": ("path", "value"),
    "move": ("path", "from"),
    "copy": ("path", "from"),
    "test": ("path", "value"),
}


class PatchProblem(ValueError):
    """A patch is none, or does not apply; the text says which operation and why."""


def apply_patch(value: Any, patch: object) -> Any:
    """What `value` becomes by `patch`; `value` itself stays as it is. PatchProblem."""
    if not isinstance(patch, list):
        raise PatchProblem(f"a patch is a list of operations, not {shown(patch)}")
    changed = copy.deepcopy(value)
    for operation in patch:
        try:
            changed = _apply(changed, operation)
        except PatchProblem as problem:
            raise PatchProblem(f"{shown(operation)}: {problem}") from None
    return changed


def _apply(value: Any, operation: object) -> Any:
    if not isinstance(operation, dict):
        raise PatchProblem("an operation is an object")
    name = operation.get("op")
    needed = _NEEDED.get(name) if isinstance(name, str) else None
    if needed is None:
        raise PatchProblem(f"there is no operation {shown(name)}")
    missing = [member for member in needed if member not in operation]
    if missing:
        raise PatchProblem(f"{name} needs {missing[0]}")
    path = _tokens(operation["path"])
    if name in ("add", "replace"):
        return _put(value, path, copy.deepcopy(operation["value"]), insert=name == "add")
    if name == "remove":
        return _remove(value, path)
    if name == "test":
        found = _get(value, path)
        if difference(operation["value"], found):
            raise PatchProblem(f"the test fails, {shown(found)} is there")
        return value
    source = _tokens(operation["from"])
    moved = copy.deepcopy(_get(value, source))
    if name == "copy":
        return _put(value, path, moved, insert=True)
    if path[: len(source)] == source and path != source:
        raise PatchProblem("a value cannot be moved into itself")
    return _put(_remove(value, source), path, moved, insert=True)


def _tokens(pointer: object) -> list[str]:
    if not isinstance(pointer, str) or not _POINTER.fullmatch(pointer):
        raise PatchProblem(f"{shown(pointer)} is no JSON Pointer")
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def _get(value: Any, path: list[str]) -> Any:
    for token in path:
        value = value[_place(value, token)]
    return value


def _place(holder: Any, token: str, *, end: bool = False) -> Any:
    """The key or index that `token` names in `holder`; with `end` also the one behind the last of an array."""
    if isinstance(holder, dict):
        if not end and token not in holder:
            raise PatchProblem(f"there is no {shown(token)}")
        return token
    if not isinstance(holder, list):
        raise PatchProblem(f"{shown(token)} lies inside {shown(holder)}, which holds nothing")
    if end and token == "-":
        return len(holder)
    if not _INDEX.fullmatch(token) or int(token) >= len(holder) + end:
        raise PatchProblem(f"{shown(token)} is no index of an array of {len(holder)}")
    return int(token)


def _put(value: Any, path: list[str], new: Any, *, insert: bool) -> Any:
    if not path:
        return new
    holder = _get(value, path[:-1])
    place = _place(holder, path[-1], end=insert)
    if insert and isinstance(holder, list):
        holder.insert(place, new)
    else:
        holder[place] = new
    return value


def _remove(value: Any, path: list[str]) -> Any:
    if not path:
        return None
    holder = _get(value, path[:-1])
    del holder[_place(holder, path[-1])]
    return value
