"""How a case says which clause it checks."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, NoReturn

#: Where a marked case carries its mark.
ATTRIBUTE = "pulsegate_clause"

CaseFunction = Callable[..., Awaitable[None]]


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
        setattr(case, "__signature__", signature.replace(parameters=parameters))  # noqa: B010
        setattr(case, ATTRIBUTE, ClauseMark(clause_id, changes_state, function))
        return case

    return mark
