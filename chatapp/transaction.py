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
from chatapp.events import encoding, types
from chatapp.events.bus import bus
from chatapp.infra.postgres import database_connection, db
from chatapp.infra.prepared_statements import Statement

log = logging.getLogger(__name__)

RECORD_PERIOD = 1.0  # seconds; shorter than the two after which the relay publishes what is not recorded
RECORD_SPAN = 10_000  # ids of the outbox; those of one record are in the same span, which begins at a multiple of it

_published: list[int] = []  # ids of outbox rows that are published and not recorded yet


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


# 'infinity' keeps the row out of two indexes that only the release before uses (docs/data.md, Outbox, Releases).
_WRITE_OUTBOX = Statement(
    "INSERT INTO outbox (events, published_at, handed_on_at) VALUES (%s, 'infinity', 'infinity') RETURNING id"
)


def _write_outbox(events: Sequence[types.Event]) -> int:
    """Store the events in the running transaction; returns the id of their row."""
    return int(db.run(_WRITE_OUTBOX, (encoding.to_json(events).decode(),)).fetchone()[0])


def publish(events: Sequence[types.Event], outbox_id: int) -> None:
    """Publish committed events. It is recorded within `RECORD_PERIOD` after Redis has accepted them."""
    bus.publish(events, lambda: _published.append(outbox_id))


def keep_recording_published() -> None:
    """Start a greenlet that records every `RECORD_PERIOD` which outbox rows are published."""
    gevent.spawn(_keep_recording)


def _keep_recording() -> None:
    while True:
        gevent.sleep(RECORD_PERIOD)
        try:
            record_published()
        except Unavailable:
            log.warning("published events not recorded, the relay will publish them again")


# A failover that loses commits can give an id twice; then the relay publishes what is not recorded.
_RECORD = """
INSERT INTO outbox_published (last_id, ids) SELECT max(id), array_agg(id) FROM unnest(%s::bigint[]) id GROUP BY id / %s
ON CONFLICT DO NOTHING
"""


def record_published() -> None:
    """Record the outbox rows that were published since the last call. If it fails, the relay publishes them again.

    A mark in each row would write a second version of it, and of its index entries.

    Raises:
        Unavailable: Postgres is away.
    """
    if not _published:
        return
    published, _published[:] = list(_published), []
    with database_connection():
        db.execute_sql(_RECORD, (published, RECORD_SPAN))
