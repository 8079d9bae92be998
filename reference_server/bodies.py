"""Request bodies: JSON that fits a model, or a 4xx with one sentence."""

from __future__ import annotations

from typing import Annotated, TypeVar

from fastapi import HTTPException
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request

from pulsegate.reference_server.json_text import read_object

Model = TypeVar("Model", bound=BaseModel)

PLACE_LENGTH = 80


class Body(BaseModel):
    """A JSON object from outside: types are taken as they are, further members are allowed."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not hold U+0000")
    return text


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    return text


# The patterns say the same to readers of the schema; the validators are what checks.
Text = Annotated[str, AfterValidator(_storable), Field(json_schema_extra={"pattern": r"^[^\u0000]*$"})]
"""Text that a database can keep."""

Words = Annotated[
    Text, AfterValidator(_said), Field(json_schema_extra={"pattern": r"^[^\u0000]*[^\s\u0000][^\u0000]*$"})
]
"""Text that says something."""


async def read_body(request: Request, model: type[Model]) -> Model:
    """The body of `request` as `model`.

    Raises:
        HTTPException: 400 when the body is no JSON object, 422 when a member is missing or wrong.
    """
    return fit(await read_object(request), model)


def fit(value: object, model: type[Model]) -> Model:
    """`value` as `model`; HTTPException 422 naming the first member that does not fit."""
    try:
        return model.model_validate(value)
    except ValidationError as problem:
        raise HTTPException(422, describe(problem)) from None


def describe(problem: ValidationError) -> str:
    """The first thing wrong, in one sentence that repeats nothing of what was sent but member names."""
    first = problem.errors(include_input=False, include_url=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"])[:PLACE_LENGTH]
    return f"{place}: {first['msg']}" if place else str(first["msg"])
