"""What all parts of a run record have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A part of the record: a member that it does not know is an error."""

    model_config = ConfigDict(extra="forbid")
