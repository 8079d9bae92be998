"""The version of the tables, and the way from each version to the next.

A new database gets the tables as `tables` describes them; an older one takes every step behind its own version,
all in one transaction that has the schema for itself. A store of before versions were noted is of version 1.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Column, Integer, MetaData, Table, inspect, select, text
from sqlalchemy.engine import Connection

from pulsegate.reference_server.store.failures import SchemaNotOurs
from pulsegate.reference_server.store.tables import Base, UtcDateTime, utc_now

VERSION = 2
#: What every version has had.
FIRST_TABLES = frozenset(
    {"conversations", "messages", "tool_calls", "tasks", "events", "registrations", "client_secrets"}
)

_versions = Table(
    "schema_version",
    MetaData(),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("applied_at", UtcDateTime, nullable=False),
)


def bring_up_to_date(connection: Connection) -> None:
    """Give the database the tables of VERSION; SchemaNotOurs when they are newer, or of somebody else."""
    there = set(inspect(connection).get_table_names())
    version = _version_of(connection, there)
    if version > VERSION:
        raise SchemaNotOurs(
            f"its tables are of version {version}, and this server knows {VERSION}: update the server, "
            "or give it a store of its own"
        )
    if version == VERSION:
        return
    _versions.create(connection, checkfirst=True)
    if version == 0:
        Base.metadata.create_all(connection, checkfirst=False)
    else:
        for number in range(version + 1, VERSION + 1):
            STEPS[number](connection)
    connection.execute(_versions.insert().values(version=VERSION, applied_at=utc_now()))


def _version_of(connection: Connection, there: set[str]) -> int:
    """The newest version noted; 0 for a database without any of our tables."""
    if _versions.name in there:
        noted = connection.scalar(select(_versions.c.version).order_by(_versions.c.version.desc()).limit(1))
        return noted or 0
    strange = FIRST_TABLES & there
    if strange and strange != FIRST_TABLES:
        raise SchemaNotOurs(
            f"it holds tables of another program ({', '.join(sorted(strange))}): give the server a database of its own"
        )
    return 1 if strange else 0


def _index_expiry_of_secrets(connection: Connection) -> None:
    # each new secret removes those that have expired
    connection.execute(text("CREATE INDEX client_secrets_by_expiry ON client_secrets (expires_at)"))


#: By the version that each makes. A step never changes once it is published: it names tables as they were then.
STEPS: dict[int, Callable[[Connection], None]] = {2: _index_expiry_of_secrets}
