"""The bus: every worker hears the events of the people connected to it.

Events reach the sockets of this worker at once and those of other workers through Redis, one channel a person. What
waits while Redis answers is sent as the next batch, so batches grow under load by themselves. A batch first asks who
else listens: a chat between two people of one worker costs no publish and no echo. Nobody who commits or answers a
client waits for Redis; what it loses, the outbox and the clients' cursors make up.
"""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic

import gevent
from gevent.event import Event as Signal
from redis.exceptions import RedisError

from chatapp import metrics
from chatapp.errors import Unavailable
from chatapp.events import types
from chatapp.events.subscriptions import ALL_WORKERS, Subscriptions
from chatapp.infra import clients

log = logging.getLogger(__name__)

BATCH = 256  # parcels that one round trip to Redis carries; under load a parcel is a group of the committer
ALONE_FOR = 0.025  # seconds for which a worker without others takes itself to be still without
START_WAIT = 1.0  # seconds that a starting worker waits for Redis
COMMIT_MARGIN = 6.0  # seconds that a transaction may be older than its publishing: statements are cut after five
BACKLOG = 10_000  # parcels that may wait for Redis; past it they are left to the relay


@dataclass(slots=True)
class _Parcel:
    """Events that belong together, and whom to tell when every other worker has them."""

    events: Sequence[types.Event]
    on_published: Callable[[], None] | None


Listener = Callable[[types.Event, int | None], None]
ReadTold = Callable[[float], Sequence[types.Event]]


class Bus:
    """Publishes to, and hears, the channels of people.

    Attributes:
        worker_id: names this process in envelopes and presence keys.
    """

    def __init__(self) -> None:
        self.worker_id = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._listener: Listener = lambda event, user_id: None
        self._subscriptions = Subscriptions(self._receive, self._make_up)
        self._read_told: ReadTold = lambda seconds: ()
        self._waiting: list[_Parcel] = []
        self._has_waiting = Signal()
        self._greenlet: gevent.Greenlet | None = None
        self._is_hearing = False
        self._was_alone = False
        self._alone_until = 0.0

    def start(self, listener: Listener, read_told: ReadTold) -> None:
        """Begin to publish and to hear.

        Parameters:
            listener: called with each event, and the person whose channel it came over (None: from this worker, for all
                its recipients). It must not block.
            read_told: the committed events of the last so many seconds, for what was published while this worker was
                cut off from Redis. Most of them were heard before, so hearing twice must do no harm.
        """
        self._listener = listener
        self._read_told = read_told
        self._is_hearing = True
        self._subscriptions.start()
        self.start_publishing()
        if self._subscriptions.wait_connected(START_WAIT):
            gevent.sleep(2 * ALONE_FOR)

    def start_publishing(self) -> None:
        """Publish without hearing, as the worker process does."""
        self._greenlet = gevent.spawn(self._publish_forever)

    @property
    def is_connected(self) -> bool:
        """Whether events of other workers are being heard."""
        return self._subscriptions.is_connected

    def subscribe(self, user_id: int) -> None:
        """Hear a person's events. Returns once Redis confirmed it, or could not within its time-out."""
        self._subscriptions.add(_channel(user_id))

    def unsubscribe(self, user_id: int) -> None:
        """Stop hearing them: the person's last socket here is gone."""
        self._subscriptions.remove(_channel(user_id))

    def publish(self, parcel: Sequence[types.Event], on_published: Callable[[], None] | None = None) -> None:
        """Tell these events, in this order; never blocks, never raises for Redis.

        Parameters:
            on_published: called when Redis took them. While Redis is away it is not called, and the relay takes over.
        """
        for event in parcel:
            self._tell(event, None)
        if len(self._waiting) < BACKLOG:
            self._waiting.append(_Parcel(parcel, on_published))
            self._has_waiting.set()

    def publish_waiting(self) -> None:
        """Tell other workers what waits, now; for a command that ends after it."""
        while self._waiting:
            self._publish_next()

    def _publish_forever(self) -> None:
        while True:
            self._has_waiting.wait()
            self._has_waiting.clear()
            self.publish_waiting()

    def _publish_next(self) -> None:
        batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
        try:
            delivered = self._publish_batch(batch)
        except (RedisError, OSError) as error:
            metrics.publish_failed(len(batch))
            log.warning("events not published, the relay will", extra={"events": len(batch), "reason": str(error)})
            return
        for parcel in batch if delivered else ():
            if parcel.on_published:
                parcel.on_published()

    def _publish_batch(self, batch: Sequence[_Parcel]) -> bool:
        """Send a batch to the channels that others hear.

        False: Redis does not know us (it restarted, or we are coming back), so it may not know others either.
        """
        addressed: dict[str, list[types.Event]] = {}
        for parcel in batch:
            for event in parcel.events:
                for user_id in event.recipients:
                    addressed.setdefault(_channel(user_id), []).append(event)
        if not addressed or self._is_alone():
            return True
        (_, workers), *counts = clients.redis.pubsub_numsub(ALL_WORKERS, *addressed)
        is_back = self._subscriptions.is_connected
        self._was_alone = is_back and workers == 1
        knows_us = not self._is_hearing or (is_back and workers > 0)
        with clients.redis.pipeline(transaction=False) as pipeline:
            for name, count in counts:
                channel = name.decode() if isinstance(name, bytes) else name
                others = count - (channel in self._subscriptions)
                knows_us = knows_us and others >= 0
                if others > 0:
                    pipeline.publish(channel, types.encode(addressed[channel], self.worker_id))
            if pipeline.command_stack:
                pipeline.execute()
        return knows_us

    def _is_alone(self) -> bool:
        """Whether no other worker can have anybody connected. Asked now and then, while it was so the last time.

        A worker that starts serves nobody before `ALONE_FOR` is over (`start`), and one that comes back reads what it
        missed, so nobody is overlooked meanwhile.
        """
        if self._was_alone and not self._subscriptions.is_connected:
            self._was_alone = False  # the one that is counted may be another, who came back before us
        if self._was_alone and monotonic() > self._alone_until:
            ((_, workers),) = clients.redis.pubsub_numsub(ALL_WORKERS)
            self._was_alone = workers == 1
            self._alone_until = monotonic() + ALONE_FOR
        return self._was_alone

    def _make_up(self, deaf_for: float) -> None:
        try:
            missed = self._read_told(deaf_for + COMMIT_MARGIN)
        except Unavailable:
            log.warning("what was told meanwhile is not known, clients see it by versions")
            return
        for event in missed:
            self._tell(event, None)

    def _receive(self, channel: str, data: bytes) -> None:
        if types.origin_of(data) == self.worker_id:
            return
        user_id = int(channel.removeprefix(_PREFIX))
        for event in types.decode(data):
            self._tell(event, user_id)

    def _tell(self, event: types.Event, via: int | None) -> None:
        """A defect in delivering one event neither undoes what was committed nor silences those that follow."""
        try:
            self._listener(event, via)
        except Exception:
            log.exception("event not delivered", extra={"event": event.kind})


_PREFIX = "events:"


def _channel(user_id: int) -> str:
    return f"{_PREFIX}{user_id}"


bus = Bus()
