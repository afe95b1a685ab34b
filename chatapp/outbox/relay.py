"""The relay: publishes events that the committing worker did not, because the worker or Redis was down.

Workers mark the rows that they have published; these are skipped. After a restart of Redis, workers may not have
resubscribed yet, so events are published again until they are `RESUBSCRIBED_AFTER` old. Hubs drop duplicates by
version.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial

from chatapp.errors import Unavailable
from chatapp.events.bus import bus
from chatapp.events.types import Event
from chatapp.infra.batching import in_batches
from chatapp.outbox.consumer import Consumer

log = logging.getLogger(__name__)

OVERDUE_AFTER = 2.0  # seconds; a running worker marks its rows every second
RESUBSCRIBED_AFTER = 4.0  # seconds after which every running worker has resubscribed
_PARCEL = 256  # events that are published together, as those of a group of messages


class Relay(Consumer):
    """Publishes overdue events to the bus."""

    name = "relay"
    min_age = OVERDUE_AFTER
    final_age = RESUBSCRIBED_AFTER
    done_column = "published_at"
    longest_pause = 1.0  # clients wait for these events

    def handle(self, events: Sequence[Event]) -> None:
        """Publish events.

        Raises:
            Unavailable: Redis is away.
        """
        accepted: list[int] = []
        for parcel in in_batches(events, _PARCEL):
            bus.publish(parcel, partial(accepted.append, len(parcel)))
        bus.publish_waiting()
        if sum(accepted) < len(events):
            raise Unavailable("redis")
        log.info("relayed", extra={"events": len(events)})
