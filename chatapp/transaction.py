"""One unit of work: one connection, one transaction, then its events.

Events and their outbox row are written inside the transaction and told only after it committed; Peewee's own
`after_commit` also runs for savepoints that were rolled back, and what it raises breaks the commit.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import gevent

from chatapp.errors import Unavailable
from chatapp.events import types
from chatapp.events.bus import bus
from chatapp.infra.postgres import database_connection, db
from chatapp.infra.prepared_statements import Statement

log = logging.getLogger(__name__)

MARK_PERIOD = 1.0  # seconds; the relay takes rows for lost after two

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
        Unavailable: as in `database_connection`. The transaction may have committed when the connection was lost during
            COMMIT; idempotency keys make repeating it safe.
    """
    work = UnitOfWork()
    outbox_id = None
    with database_connection(), db.atomic():
        yield work
        if work.events:
            outbox_id = write_outbox(work.events)
    if outbox_id is not None:
        publish(work.events, outbox_id)


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
