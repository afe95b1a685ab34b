"""The relay: tells again what the worker that committed it could not tell, because it or Redis was gone.

At least once; the hubs' versions make it once. A subscriber that is just coming back after a restart of Redis is not
counted by Redis yet, so a row is told until it is `CERTAIN_AFTER` old, and only then marked.
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

LOST_AFTER = 2.0  # seconds; a living worker marks its rows within its next group, or after 1 s
CERTAIN_AFTER = 4.0  # seconds after which every living worker has its subscriptions back
BATCH = 500

_told: list[int] = []  # rows that Redis took since the last look


def relay() -> int:
    """Tell what is overdue; returns how many outbox rows that were. Run every second by one process."""
    relayed = 0
    taken, _told[:] = list(_told), []
    with unit_of_work():
        db.execute_sql(
            "UPDATE outbox SET published_at = now() WHERE id = ANY(%s) AND published_at IS NULL"
            " AND created_at < now() - make_interval(secs => %s)",
            (taken, CERTAIN_AFTER),
        )
        rows = db.execute_sql(
            "SELECT id, events FROM outbox WHERE published_at IS NULL"
            " AND created_at < now() - make_interval(secs => %s) ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED",
            (LOST_AFTER, BATCH),
        ).fetchall()
    erased = redactions.pending().redactions if rows else None
    for outbox_id, told in rows:
        overdue = types.from_json(told)
        if erased:
            overdue = [erased.applied_to(event) for event in overdue]
        bus.publish(overdue, partial(_told.append, outbox_id))
        relayed += 1
    if relayed:
        log.info("relayed", extra={"rows": relayed})
    return relayed
