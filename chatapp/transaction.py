"""One unit of work: one connection, one transaction, then its events.

The events and their outbox row are written inside the transaction and published only after it has committed. Peewee's
own `after_commit` does not serve: it also runs for savepoints that were rolled back, and an exception there breaks the
commit.
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

MARK_PERIOD = 1.0  # seconds; shorter than the two after which the relay publishes unmarked rows again

_published: list[int] = []  # ids of outbox rows that are published and not marked yet


class UnitOfWork:
    """A running transaction, and the events to publish after its commit."""

    def __init__(self) -> None:
        self.events: list[types.Event] = []

    def publish_after_commit(self, event: types.Event) -> None:
        """Store the event in the transaction's outbox row, and publish it after the commit."""
        self.events.append(event)


@contextmanager
def unit_of_work() -> Iterator[UnitOfWork]:
    """Borrow a connection, run one transaction, and publish its events after the commit.

    Raises:
        Unavailable: as in `database_connection`. The transaction may have committed if the connection was lost during
            COMMIT; idempotency keys make repeating it safe.
    """
    work = UnitOfWork()
    outbox_id = None
    with database_connection(), db.atomic():
        yield work
        if work.events:
            outbox_id = _write_outbox(work.events)
    if outbox_id is not None:
        publish(work.events, outbox_id)


_WRITE_OUTBOX = Statement("INSERT INTO outbox (events) VALUES (%s) RETURNING id")


def _write_outbox(events: Sequence[types.Event]) -> int:
    """Store the events in the running transaction; returns the id of their row."""
    return int(db.run(_WRITE_OUTBOX, (types.to_json(events).decode(),)).fetchone()[0])


def publish(events: Sequence[types.Event], outbox_id: int) -> None:
    """Publish committed events. Their outbox row is marked within `MARK_PERIOD` after Redis has accepted them."""
    bus.publish(events, lambda: _published.append(outbox_id))


def keep_marking_published() -> None:
    """Start a greenlet that marks published rows every `MARK_PERIOD`.

    Marking with each transaction would cost more: `published_at` is in the condition of an index, so a mark writes a
    new version of the row. One statement for all rows of a second is cheaper than one for each.
    """
    gevent.spawn(_keep_marking)


def _keep_marking() -> None:
    while True:
        gevent.sleep(MARK_PERIOD)
        try:
            mark_published()
        except Unavailable:
            log.warning("published events not marked, the relay will publish them again")


def mark_published() -> None:
    """Mark the outbox rows that were published since the last call. If it fails, the relay publishes them again.

    Raises:
        Unavailable: Postgres is away.
    """
    if not _published:
        return
    published, _published[:] = list(_published), []
    with database_connection():
        db.execute_sql(
            "UPDATE outbox SET published_at = now() WHERE id = ANY(%s) AND published_at IS NULL", (published,)
        )
