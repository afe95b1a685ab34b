"""The relay: publishes outbox rows that the committing worker did not, because the worker or Redis was down.

It publishes at least once; hubs drop duplicates by version. After a restart of Redis, workers may not have resubscribed
yet, so a row is published until it is `RESUBSCRIBED_AFTER` old, and marked only then.
"""

from __future__ import annotations

import logging
from functools import partial

from chatapp.events import types
from chatapp.events.bus import bus
from chatapp.infra.postgres import db
from chatapp.queries import redactions
from chatapp.transaction import unit_of_work

log = logging.getLogger(__name__)

OVERDUE_AFTER = 2.0  # seconds; a running worker marks its rows every second
RESUBSCRIBED_AFTER = 4.0  # seconds after which every running worker has resubscribed
BATCH = 500  # rows per run

_published: list[int] = []  # ids of rows that Redis has accepted since the last run


def relay() -> int:
    """Publish overdue outbox rows; returns their number. Run every second by one process."""
    relayed = 0
    published, _published[:] = list(_published), []
    with unit_of_work():
        db.execute_sql(
            "UPDATE outbox SET published_at = now() WHERE id = ANY(%s) AND published_at IS NULL"
            " AND created_at < now() - make_interval(secs => %s)",
            (published, RESUBSCRIBED_AFTER),
        )
        rows = db.execute_sql(
            "SELECT id, events FROM outbox WHERE published_at IS NULL"
            " AND created_at < now() - make_interval(secs => %s) ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED",
            (OVERDUE_AFTER, BATCH),
        ).fetchall()
    erased = redactions.pending().redactions if rows else None
    for outbox_id, events in rows:
        overdue = types.from_json(events)
        if erased:
            overdue = [erased.applied_to(event) for event in overdue]
        bus.publish(overdue, partial(_published.append, outbox_id))
        relayed += 1
    if relayed:
        log.info("relayed", extra={"rows": relayed})
    return relayed
