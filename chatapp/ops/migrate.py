"""Migrations, run by the `release` process: several at once are safe, and Postgres may still be starting."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from peewee import OperationalError, PostgresqlDatabase
from playhouse.migrations import MigrationError, Runner

from chatapp.ops.epochs import renew_epoch
from chatapp.ops.partitions import make_partitions
from config import Settings

FOLDER = Path(__file__).resolve().parents[2] / "migrations"
WAIT = 30.0  # seconds for Postgres to come up
_PAUSE = 0.5  # seconds between two tries
_LOCK = 0x63686174_0003  # "chat", 3: one migration at a time
# A server that says one of these will serve later; after any other refusal waiting is of no use.
_PASSING = ("starting up", "shutting down", "recovery mode", "too many clients", "reserved for")


class Unmigrated(Exception):
    """The migrations did not run; the text is one sentence for the operator."""


def migrate_up(settings: Settings) -> list[str]:
    """Apply all pending migrations and make the message partitions of the months ahead; returns the applied names.

    Also detects a restored backup, before any client is served.

    Raises:
        Unmigrated: Postgres cannot be reached, or a migration failed and was rolled back.
    """
    with _migrating(settings) as (database, runner):
        applied = runner.up()
        make_partitions(database, months_ahead=settings.partitions_ahead)
        renew_epoch(database)
        return list(applied)


def migrate_down(settings: Settings, name: str) -> list[str]:
    """Revert every migration back to and including this one; returns the reverted names.

    Raises:
        Unmigrated: as in `migrate_up`, or there is no applied migration of this name.
    """
    with _migrating(settings) as (_, runner):
        return list(runner.down(name))


@contextmanager
def _migrating(settings: Settings) -> Iterator[tuple[PostgresqlDatabase, Runner]]:
    """A connection of its own, without the time-outs of requests: a migration takes as long as it takes."""
    database = PostgresqlDatabase(
        settings.database_url, connect_timeout=5, application_name="chatapp migrate", options="-c timezone=UTC"
    )
    _connect(database)
    try:
        database.execute_sql("SELECT pg_advisory_lock(%s)", (_LOCK,))
        yield database, Runner(database, str(FOLDER))
    except MigrationError as error:
        raise Unmigrated(f"Migration: {error}") from error
    finally:
        database.close()


def _connect(database: PostgresqlDatabase) -> None:
    deadline = time.monotonic() + WAIT
    while True:
        try:
            database.connect()
            return
        except OperationalError as error:
            reason = str(error)
            is_final = "FATAL" in reason and not any(words in reason for words in _PASSING)
            if is_final or time.monotonic() > deadline:
                first_line = reason.strip().splitlines()[0]
                raise Unmigrated(f"Postgres (DATABASE_URL) cannot be reached: {first_line}") from error
        time.sleep(_PAUSE)
