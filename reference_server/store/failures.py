"""What can be wrong with a database, in the terms of those who use the store."""

from __future__ import annotations

from enum import Enum, auto

from sqlalchemy.exc import DBAPIError, DontWrapMixin


class Failure(Enum):
    """What a failed transaction means for the one who wanted it."""

    CONFLICT = auto()
    """Another writer was first: it may be tried again at once."""
    BUSY = auto()
    """Somebody holds the database for a moment: it may be tried again soon."""
    AWAY = auto()
    """The database cannot do it now, or what became of it is unknown."""


class StoreAway(Exception):
    """The database cannot be reached or cannot keep anything now; the text says why, for the log.

    What was to be written may or may not have been: nobody may be told that it was.
    """


class Unstorable(ValueError, DontWrapMixin):
    """A text holds what not every database can keep; the text of the error is one sentence for the user."""


class SchemaNotOurs(Exception):
    """The tables in the database are of a newer version, or are not ours; one sentence for the user."""


def reason_of(problem: BaseException) -> str:
    """What a driver said, in one line, without the statement and its parameters."""
    said = problem.orig if isinstance(problem, DBAPIError) and problem.orig is not None else problem
    return str(said).partition("\n")[0] or type(said).__name__
