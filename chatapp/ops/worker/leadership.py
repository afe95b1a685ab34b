"""Leader election among `worker` processes, by a session lock of Postgres.

The lock ends with its connection: when a leader dies, another takes over within seconds, and a leader that lost its
connection notices at its next check.
"""

from __future__ import annotations

import logging
from typing import Any

import gevent
import psycopg2
from gevent.event import Event

from chatapp.errors import Misconfigured
from chatapp.infra.postgres_sessions import connect_directly
from config import Settings

log = logging.getLogger(__name__)

LOCK = 0x63686174_0002  # "chat", 2
CHECK_INTERVAL = 1.0  # seconds, hence about the longest time without a leader
ANSWER_WITHIN = 3.0  # seconds: if Postgres hangs for longer, another process may hold the lock


class Leadership:
    """Tries to become and stay the leader, on its own connection."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._connection: Any = None
        self._is_leading = False
        self._stopped = Event()

    @property
    def is_leading(self) -> bool:
        """Whether this process was the leader at the last check."""
        return self._is_leading

    def run(self) -> None:
        """Check repeatedly, until `stop`. Survives any outage of Postgres."""
        while not self._stopped.is_set():
            check = gevent.spawn(self._check)
            check.join(ANSWER_WITHIN)
            if not check.ready():
                # The session may still hold the lock, but that is not certain. Neither close the connection nor kill
                # the greenlet that waits on it: both would hang for good.
                log.info("lost leadership", extra={"reason": "Postgres does not answer"})
                self._is_leading = False
                check.join()
            self._stopped.wait(CHECK_INTERVAL)
        self._resign("asked to stop")

    def stop(self) -> None:
        """End `run` and release the lock."""
        self._stopped.set()

    def _check(self) -> None:
        try:
            if self._connection is None:
                self._connection = _connect(self._settings)
            with self._connection.cursor() as cursor:
                # While leading, an answer proves that the session, and so its lock, is alive.
                query = "SELECT true" if self._is_leading else f"SELECT pg_try_advisory_lock({LOCK})"
                cursor.execute(query)
                leads = bool(cursor.fetchone()[0])
        except (psycopg2.Error, Misconfigured) as error:
            self._resign(type(error).__name__)
            return
        if leads and not self._is_leading:
            log.info("leading")
        self._is_leading = leads

    def _resign(self, reason: str) -> None:
        if self._is_leading:
            log.info("lost leadership", extra={"reason": reason})
        self._is_leading = False
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.close()
            except psycopg2.Error as error:
                log.debug("connection was already closed", extra={"reason": type(error).__name__})


def _connect(settings: Settings) -> Any:
    return connect_directly(
        settings.database_url,
        connect_timeout=int(ANSWER_WITHIN),
        application_name="chatapp leader",
        # The server notices within 11 s that the leader's machine is gone, and releases the lock.
        options="-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3",
        keepalives_idle=5,
        keepalives_interval=2,
        keepalives_count=3,
    )
