"""The relay: publishes events that the committing worker did not, because the worker or Redis was down.

Workers record what they have published; it is skipped. After a restart of Redis, workers may not have
resubscribed yet, so events are published again until they are `RESUBSCRIBED_AFTER` old. Hubs drop duplicates by
version.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from chatapp.events.bus import bus
from chatapp.events.types import Event
from chatapp.infra.batching import in_batches
from chatapp.outbox.consumer import Consumer

log = logging.getLogger(__name__)

OVERDUE_AFTER = 2.0  # seconds; a running worker records every second what it has published
RESUBSCRIBED_AFTER = 4.0  # seconds after which every running worker has resubscribed
_BATCH = 256  # events that are published together, as those of a group of messages


class Relay(Consumer):
    """Publishes overdue events to the bus."""

    name = "relay"
    min_age = OVERDUE_AFTER
    final_age = RESUBSCRIBED_AFTER
    # Workers of the release before set the time in the row instead.
    is_due = """coalesce(published_at, 'infinity') = 'infinity' AND id NOT IN (
        SELECT unnest(ids) FROM outbox_published WHERE last_id BETWEEN %(first)s AND %(last)s)"""
    rows_per_run = 500  # after a long outage, hubs receive them beside the live events
    longest_pause = 1.0  # clients wait for these events

    def handle(self, events: Sequence[Event]) -> None:
        """Publish events.

        Raises:
            RedisError, OSError: Redis is away.
        """
        for batch in in_batches(events, _BATCH):
            bus.publish_now(batch)
        log.info("relayed", extra={"events": len(events)})
