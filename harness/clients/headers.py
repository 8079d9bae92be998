"""Header fields as they were received: case-insensitive names, several values each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


class Headers:
    """The header fields of one message, in the order and the case in which they came."""

    def __init__(self, items: Iterable[tuple[str, str]] = ()) -> None:
        self._items = tuple(items)
        self._values: dict[str, list[str]] = {}
        for name, value in self._items:
            self._values.setdefault(name.lower(), []).append(value)

    def get(self, name: str, default: str | None = None) -> str | None:
        """The values of `name` joined by ", ", or `default` without any (RFC 9110, 5.3)."""
        values = self._values.get(name.lower())
        return default if values is None else ", ".join(values)

    def get_all(self, name: str) -> list[str]:
        """Each value of `name`, in order; empty without any."""
        return list(self._values.get(name.lower(), ()))

    def items(self) -> list[tuple[str, str]]:
        """Each field line as it came, repeated names included."""
        return list(self._items)

    def joined(self) -> dict[str, str]:
        """One value per name as first spelled, repeated ones joined by ", "."""
        spelled: dict[str, str] = {}
        for name, _ in self._items:
            spelled.setdefault(name.lower(), name)
        return {name: ", ".join(self._values[key]) for key, name in spelled.items()}

    @property
    def media_type(self) -> str:
        """The Content-Type without its parameters, in lower case; empty without one."""
        return (self.get("content-type") or "").partition(";")[0].strip().lower()

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self.joined())

    def __len__(self) -> int:
        return len(self._items)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self._items == other._items

    def __hash__(self) -> int:
        return hash(self._items)

    def __repr__(self) -> str:
        return f"Headers({list(self._items)!r})"
