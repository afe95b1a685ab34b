"""Run migrations in the `release` process. Several releases at once are safe, and Postgres may still be starting."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
from peewee import OperationalError, PostgresqlDatabase
from playhouse.migrations import MigrationError, Runner

from chatapp.errors import Misconfigured
from chatapp.infra.postgres_sessions import as_options, refusal, require_postgres_itself
from chatapp.ops.migration.partitions import make_partitions
from chatapp.ops.migration.pooled_role import store_session_settings
from chatapp.ops.migration.restore_detection import renew_epoch
from config import Settings

FOLDER = Path(__file__).resolve().parents[3] / "migrations"
WAIT = 30.0  # seconds for Postgres to start
_PAUSE = 0.5  # seconds between two attempts
LOCK = 0x63686174_0003  # "chat", 3: one migration at a time
# Temporary refusals by the server; there is no use in waiting after any other.
_TEMPORARY = ("starting up", "shutting down", "recovery mode", "too many clients", "reserved for")

# Without the time-outs of requests, which may be defaults of the role: a migration has no time limit.
_SESSION = {
    "statement_timeout": "0",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "timezone": "UTC",
    "plan_cache_mode": "auto",
    "enable_seqscan": "on",
    "enable_bitmapscan": "on",
}


class Unmigrated(Exception):
    """The migrations did not run; the text is one sentence for the operator."""


def migrate_up(settings: Settings) -> list[str]:
    """Apply all pending migrations and create the message partitions of the months ahead; returns the applied names.

    Also detects a restored backup, before any client is served.

    Raises:
        Unmigrated: Postgres cannot be reached, or a migration failed and was rolled back.
    """
    with _migrating(settings) as (database, runner):
        applied = runner.up()
        make_partitions(database, months_ahead=settings.partitions_ahead)
        if settings.database_pooler != "none":
            _prepare_pooled_role(settings)
        renew_epoch(database)
        return list(applied)


def migrate_down(settings: Settings, name: str) -> list[str]:
    """Revert every migration back to and including this one; returns the reverted names.

    Raises:
        Unmigrated: as in `migrate_up`, or there is no applied migration of this name.
    """
    with _migrating(settings) as (_, runner):
        return list(runner.down(name))


def _prepare_pooled_role(settings: Settings) -> None:
    try:
        store_session_settings(settings)
    except psycopg2.Error as error:
        first_line = str(error).strip().splitlines()[0]
        raise Unmigrated(f"Settings cannot be stored for the role of DATABASE_URL: {first_line}") from error


@contextmanager
def _migrating(settings: Settings) -> Iterator[tuple[PostgresqlDatabase, Runner]]:
    """A direct connection to Postgres that holds the lock of migrations, which ends with the session.

    A pooler would keep the session, and with it the lock, open.
    """
    database = PostgresqlDatabase(
        settings.past_pooler().database_url,
        connect_timeout=5,
        application_name="chatapp migrate",
        options=as_options(_SESSION),
    )
    _connect(database, "DATABASE_DIRECT_URL" if settings.database_direct_url else "DATABASE_URL")
    try:
        require_postgres_itself(database.connection())
        _await_lock(database)
        yield database, Runner(database, str(FOLDER))
    except MigrationError as error:
        raise Unmigrated(f"Migration: {error}") from error
    except Misconfigured as error:
        raise Unmigrated(str(error)) from error
    finally:
        database.close()


def _await_lock(database: PostgresqlDatabase) -> None:
    """Wait until no other release migrates.

    A statement that waits for the lock would hold a snapshot meanwhile, and a CREATE INDEX CONCURRENTLY of the release
    that has the lock waits for all older snapshots: a deadlock.
    """
    while not database.execute_sql("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone()[0]:
        time.sleep(_PAUSE)


def _connect(database: PostgresqlDatabase, variable: str) -> None:
    deadline = time.monotonic() + WAIT
    while True:
        try:
            database.connect()
            return
        except OperationalError as error:
            reason = str(error)
            if misconfigured := refusal(error):
                raise Unmigrated(str(misconfigured)) from error
            is_final = "FATAL" in reason and not any(words in reason for words in _TEMPORARY)
            if is_final or time.monotonic() > deadline:
                first_line = reason.strip().splitlines()[0]
                raise Unmigrated(f"Postgres ({variable}) cannot be reached: {first_line}") from error
        time.sleep(_PAUSE)
