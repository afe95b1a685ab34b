"""Session settings behind a connection pooler: defaults of the role, since a pooler does not forward `options`."""

from __future__ import annotations

from contextlib import closing, suppress
from typing import Any

import psycopg2
from psycopg2 import sql

from chatapp.infra.postgres_sessions import Sessions
from config import Settings

_STORED = """
SELECT setconfig FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase
WHERE datname = current_database() AND setrole = current_user::regrole
"""
# The pooler replaces the sessions that end here, and new ones start with the new defaults. Both statements go in one
# round trip, so that they run in one session. On a single machine direct connections look like those of the pooler;
# the ones that hold a lock (this release and the leader) are kept.
_END_SESSIONS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE usename = current_user AND datname = current_database() AND state = 'idle'
    AND client_addr IS NOT DISTINCT FROM inet_client_addr()
    AND NOT EXISTS (SELECT FROM pg_locks WHERE pg_locks.pid = pg_stat_activity.pid AND locktype = 'advisory');
SELECT pg_terminate_backend(pg_backend_pid())
"""


def store_session_settings(settings: Settings) -> bool:
    """Store the settings that requests rely on as defaults of their role; returns whether anything changed.

    Runs through the pooler, which may map role and database to others. Call it from one process at a time: Postgres
    refuses concurrent changes of a role.

    Raises:
        psycopg2.Error: the pooler or Postgres cannot be reached, or refuses.
    """
    required = Sessions(settings).required
    url, name = settings.database_url, "chatapp migrate"
    with closing(psycopg2.connect(url, connect_timeout=5, application_name=name)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            if not _lacking(cursor, required):
                return False
            cursor.execute("SELECT current_database()")
            (database,) = cursor.fetchone() or ("",)
            change = sql.SQL("ALTER ROLE CURRENT_USER IN DATABASE {} SET {} = {}")
            cursor.execute(
                sql.SQL("; ").join(
                    change.format(sql.Identifier(database), sql.Identifier(name), sql.Literal(value))
                    for name, value in required.items()
                )
            )
            with suppress(psycopg2.OperationalError):  # the end of the session that runs it
                cursor.execute(_END_SESSIONS)
    return True


def _lacking(cursor: Any, required: dict[str, str]) -> bool:
    cursor.execute(_STORED)
    row = cursor.fetchone()
    stored = dict(entry.split("=", 1) for entry in row[0]) if row else {}
    return any(stored.get(name) != value for name, value in required.items())
