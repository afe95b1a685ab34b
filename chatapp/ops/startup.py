"""Checks at the start of a process: a Postgres that is reachable but misconfigured keeps it from starting.

One that cannot be reached does not: it may be back before the first request.
"""

from __future__ import annotations

import logging

import psycopg2
from peewee import InterfaceError, OperationalError

from chatapp import extensions
from chatapp.sessions import require_distinct_sessions

log = logging.getLogger(__name__)


def check_database() -> None:
    """Open the first connection of the pool, which checks it. Without Postgres the check waits for its return.

    Raises:
        Misconfigured: as in `Sessions.check` and `require_distinct_sessions`.
    """
    db = extensions.db
    try:
        with db.connection_context():
            if db.sessions.is_pooled and db.sessions.prepares:
                require_distinct_sessions(db.connection(), db.database)
    except (OperationalError, InterfaceError, psycopg2.Error) as error:
        log.warning("Postgres is away at start", extra={"reason": type(error).__name__})
