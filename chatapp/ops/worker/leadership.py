"""One leader among all `worker` processes: whoever holds a session lock of Postgres.

The lock ends with its connection, so a leader that dies is succeeded within seconds, and one that lost its connection
knows at the next look that it leads no more.
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
LOOK_EVERY = 1.0  # seconds between two looks, hence about the longest time without a leader
ANSWER_WITHIN = 3.0  # seconds: a Postgres that hangs longer may have given the lock to another


class Leadership:
    """Seeks to lead, on a connection of its own, and says whether it does."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._connection: Any = None
        self._is_leading = False
        self._stopped = Event()

    @property
    def is_leading(self) -> bool:
        """Whether this process led at the last look."""
        return self._is_leading

    def run(self) -> None:
        """Look again and again, until `stop`. Survives any absence of Postgres."""
        while not self._stopped.is_set():
            look = gevent.spawn(self._look)
            look.join(ANSWER_WITHIN)
            if not look.ready():
                # The lock is still this session's, but nothing may be done on the strength of it. The connection is
                # neither closed nor the greenlet killed: another greenlet waits on it, and both would hang for good.
                log.info("lost leadership", extra={"reason": "Postgres does not answer"})
                self._is_leading = False
                look.join()
            self._stopped.wait(LOOK_EVERY)
        self._leave("asked to stop")

    def stop(self) -> None:
        """End `run` and give the lock back."""
        self._stopped.set()

    def _look(self) -> None:
        try:
            if self._connection is None:
                self._connection = _connect(self._settings)
            with self._connection.cursor() as cursor:
                # Asked again while leading: a session may take its lock many times, and the answer proves it is alive.
                question = "SELECT true" if self._is_leading else f"SELECT pg_try_advisory_lock({LOCK})"
                cursor.execute(question)
                leads = bool(cursor.fetchone()[0])
        except (psycopg2.Error, Misconfigured) as error:
            self._leave(type(error).__name__)
            return
        if leads and not self._is_leading:
            log.info("leading")
        self._is_leading = leads

    def _leave(self, reason: str) -> None:
        if self._is_leading:
            log.info("lost leadership", extra={"reason": reason})
        self._is_leading = False
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.close()
            except psycopg2.Error as error:
                log.debug("connection was gone already", extra={"reason": type(error).__name__})


def _connect(settings: Settings) -> Any:
    return connect_directly(
        settings.database_url,
        connect_timeout=int(ANSWER_WITHIN),
        application_name="chatapp leader",
        # The server notices within 11 s that the leader's machine is gone, and frees the lock.
        options="-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3",
        keepalives_idle=5,
        keepalives_interval=2,
        keepalives_count=3,
    )
