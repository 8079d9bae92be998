"""How a case says which clause it checks."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

#: Where a marked case carries its mark.
ATTRIBUTE = "pulsegate_clause"

#: Where a marked observation carries its mark.
OBSERVATION = "pulsegate_changes_state"

CaseFunction = Callable[..., Awaitable[None]]
ObserveFunction = TypeVar("ObserveFunction", bound=Callable[..., Awaitable[Any]])


@dataclass(frozen=True, slots=True)
class ClauseMark:
    """What the decorator noted: the clause, and the coroutine function that checks it."""

    clause_id: str
    changes_state: bool
    function: CaseFunction


def clause(clause_id: str, *, changes_state: bool = False) -> Callable[[CaseFunction], Callable[..., NoReturn]]:
    """Mark an ``async def test_...(check)`` as a case of the clause `clause_id`.

    A clause may have several cases; a case has one clause. It takes ``check`` and, with
    ``pytest.mark.parametrize``, parameters. `changes_state` says that it creates or changes
    something on the target: with ``--read-only`` it is not measured.
    """

    def mark(function: CaseFunction) -> Callable[..., NoReturn]:
        if not inspect.iscoroutinefunction(function):
            raise TypeError(f"{function.__qualname__}: a case of clause {clause_id} must be an async function")

        # Not a coroutine function and without `check`: no asyncio plugin takes it for its own,
        # and no fixture of that name, ours or another plugin's, is looked up.
        @functools.wraps(function)
        def case(**_parameters: Any) -> NoReturn:
            raise RuntimeError(f"{function.__qualname__} is run by pytest with the pulsegate plugin, not called")

        signature = inspect.signature(function)
        parameters = [parameter for parameter in signature.parameters.values() if parameter.name != "check"]
        setattr(case, "__signature__", signature.replace(parameters=parameters))  # noqa: B010 - mypy knows no __signature__
        setattr(case, ATTRIBUTE, ClauseMark(clause_id, changes_state, function))
        return case

    return mark


def observation(*, changes_state: bool) -> Callable[[ObserveFunction], ObserveFunction]:
    """Mark an ``async def observe(check)`` of a case file's ``PREFETCH``: one that changes the target's state is
    not begun ahead of the cases when the run is read-only."""

    def mark(function: ObserveFunction) -> ObserveFunction:
        setattr(function, OBSERVATION, changes_state)
        return function

    return mark


def changes_state(observe: Callable[..., Any]) -> bool:
    """Whether the observation `observe` was marked as changing the target's state."""
    return bool(getattr(observe, OBSERVATION, False))
