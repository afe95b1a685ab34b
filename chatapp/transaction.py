"""One unit of work: one connection, one transaction, then its events.

Events and their outbox row are written inside the transaction and told only after it committed; Peewee's own
`after_commit` also runs for savepoints that were rolled back, and what it raises breaks the commit.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import gevent
import psycopg2
from peewee import InterfaceError, OperationalError
from playhouse.pool import MaxConnectionsExceeded

from chatapp.errors import Misconfigured, Unavailable
from chatapp.events import types
from chatapp.events.bus import bus
from chatapp.infra.clients import db
from chatapp.infra.prepared_statements import Statement

log = logging.getLogger(__name__)

MARK_PERIOD = 1.0  # seconds; the relay takes rows for lost after two

SHUTDOWN = "57P"  # SQLSTATEs of a server that ends or begins

_published: list[int] = []  # outbox rows that were told; marked in the next transaction, or when idle


class UnitOfWork:
    """What a transaction will tell when it has committed."""

    def __init__(self) -> None:
        self.events: list[types.Event] = []

    def publish(self, event: types.Event) -> None:
        """Tell this event after the commit."""
        self.events.append(event)


@contextmanager
def unit_of_work() -> Iterator[UnitOfWork]:
    """Borrow a connection, run one transaction, and publish its events once it committed.

    Raises:
        Unavailable: Postgres is away, or no connection became free in time. The transaction may have committed when
            the connection was lost during COMMIT; client keys make repeating it safe.
    """
    work = UnitOfWork()
    outbox_id = None
    with database_connection(), db.atomic():
        yield work
        if work.events:
            outbox_id = write_outbox(work.events)
    if outbox_id is not None:
        publish(work.events, outbox_id)


@contextmanager
def database_connection(*, wait: float | None = None) -> Iterator[None]:
    """A connection for the length of a block; the one at hand when there is one already.

    Never held while a socket waits: idle sockets would drain the pool.

    Parameters:
        wait: seconds to wait for a free one; DATABASE_WAIT where None.

    Raises:
        Unavailable: as in `unit_of_work`.
    """
    try:
        if not db.is_closed():
            yield
            return
        db.connect(wait=wait)
        with db.connection_context():
            yield
    except Misconfigured as error:
        log.error("database misconfigured", extra={"reason": str(error)})
        raise Unavailable("database") from error
    except MaxConnectionsExceeded as error:
        raise Unavailable("database") from error
    except (OperationalError, InterfaceError, psycopg2.Error) as error:
        # The driver's own errors come while Peewee rolls back a broken connection.
        if not _is_answer(error):
            db.forget_idle()
        raise Unavailable("database") from error


def reclaim_connection(holder: str) -> None:
    """Return a connection that this greenlet should have returned itself, and log the defect.

    Parameters:
        holder: the work that ended, such as the endpoint of a request or the type of a frame.
    """
    if db.reclaim():
        log.error("a database connection was not given back", extra={"holder": holder})


def _is_answer(error: Exception) -> bool:
    """Whether a living server said it (a time-out, a lock); a connection that broke has no code, or a shutdown's."""
    cause = error.__cause__ if isinstance(error.__cause__, psycopg2.Error) else error.__context__
    code = getattr(cause if isinstance(cause, psycopg2.Error) else error, "pgcode", None)
    return code is not None and not code.startswith(SHUTDOWN)


_WRITE_OUTBOX = Statement("""
WITH marked AS (UPDATE outbox SET published_at = now() WHERE id = ANY(%s) AND published_at IS NULL)
INSERT INTO outbox (events) VALUES (%s) RETURNING id
""")


def write_outbox(told: Sequence[types.Event]) -> int:
    """Store the events in the running transaction, and mark rows told since; returns the new row's id."""
    return int(db.run(_WRITE_OUTBOX, (take_published(), types.to_json(told).decode())).fetchone()[0])


def publish(told: Sequence[types.Event], outbox_id: int) -> None:
    """Tell committed events; their outbox row is marked by the next transaction that writes one."""
    bus.publish(told, lambda: _published.append(outbox_id))


def take_published() -> list[int]:
    """The outbox rows that were told and not marked yet, once. Those that a failed transaction took are told twice."""
    taken, _published[:] = list(_published), []
    return taken


def keep_marking_published() -> None:
    """Mark what was told by a process that then went idle, in a greenlet that looks every second."""
    gevent.spawn(_keep_marking)


def _keep_marking() -> None:
    while True:
        gevent.sleep(MARK_PERIOD)
        try:
            mark_published()
        except Unavailable:
            log.warning("published events not marked, they will be told twice")


def mark_published() -> None:
    """Mark what was told since the last transaction.

    Raises:
        Unavailable: Postgres is away.
    """
    if not _published:
        return
    with database_connection():
        db.execute_sql(
            "UPDATE outbox SET published_at = now() WHERE id = ANY(%s) AND published_at IS NULL", (take_published(),)
        )
