"""The event bus: every worker receives the events of the users connected to it.

Events reach the sockets of this worker at once, and those of other workers through Redis, with one channel per user.
The only worker publishes nothing. Otherwise, parcels that arrive while Redis answers form the next batch, so batches
grow with the load. Before publishing, a batch asks Redis which channels have other subscribers: a chat between two
users of one worker costs no publish. Neither commits nor responses wait for Redis. What Redis loses, the relay
publishes again, and clients catch up.
"""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import gevent
from redis.exceptions import RedisError

from chatapp import metrics
from chatapp.errors import Unavailable
from chatapp.events import encoding, types
from chatapp.events.sole_worker import NEWCOMER_WAIT, SoleWorkerWatch
from chatapp.events.subscriptions import ALL_WORKERS, Subscriptions
from chatapp.infra.batcher import Batcher
from chatapp.infra.redis_client import redis

log = logging.getLogger(__name__)

BATCH = 256  # parcels per round trip to Redis; under load a parcel is a group of the committer
START_WAIT = 1.0  # seconds that a starting worker waits for Redis
COMMIT_MARGIN = 6.0  # seconds that a transaction may begin before its events are published: statements end after five
BACKLOG = 10_000  # parcels that may wait for Redis; further ones are left to the relay


@dataclass(slots=True)
class _Parcel:
    """Events that are published together, and a callback for when Redis has accepted them."""

    events: Sequence[types.Event]
    on_published: Callable[[], None] | None


Listener = Callable[[types.Event, int | None], None]
ReadRecent = Callable[[float], Sequence[types.Event]]


class Bus:
    """Publishes to the channels of users and receives from them.

    Attributes:
        worker_id: identifies this process in envelopes and presence keys.
        sole_worker: knows whether this worker is the only one.
    """

    def __init__(self) -> None:
        self.worker_id = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._listener: Listener = lambda event, user_id: None
        own_channel = f"{ALL_WORKERS}:{self.worker_id}"
        self._subscriptions = Subscriptions(self._receive, self._replay_missed, [own_channel])
        self.sole_worker = SoleWorkerWatch(self._subscriptions, own_channel)
        self._read_recent: ReadRecent = lambda seconds: ()
        self._parcels: Batcher[_Parcel] = Batcher(self._publish_parcels, limit=BATCH, is_started=False)
        self._is_receiving = False

    def start(self, listener: Listener, read_recent: ReadRecent) -> None:
        """Start publishing and receiving.

        Parameters:
            listener: called with each event and the id of the user whose channel it came over; None for an event of
                this worker, which is for all its recipients. It must not block.
            read_recent: returns the events committed in the last given seconds. Called after this worker was cut off
                from Redis; most of these events were received before, so the listener must be idempotent.
        """
        self._listener = listener
        self._read_recent = read_recent
        self._is_receiving = True
        self._subscriptions.start()
        self.start_publishing()
        if self._subscriptions.wait_connected(START_WAIT) and not self.sole_worker.ask():
            gevent.sleep(NEWCOMER_WAIT)
        self.sole_worker.start()

    def start_publishing(self) -> None:
        """Start publishing only, as the `worker` process does."""
        self._parcels.start()

    @property
    def is_connected(self) -> bool:
        """Whether events of other workers are received."""
        return self._subscriptions.is_connected

    def subscribe(self, user_id: int, chat_ids: Iterable[int] = ()) -> None:
        """Receive the events of a user and of some of their chats.

        Returns when Redis has confirmed the subscriptions, or after a time-out.

        Parameters:
            chat_ids: chats of more than two members.
        """
        self._subscriptions.add(_user_channel(user_id), *map(_chat_channel, chat_ids))

    def unsubscribe(self, user_id: int, chat_ids: Iterable[int] = ()) -> None:
        """Stop receiving a user's events, after their last socket of this worker has closed.

        Parameters:
            chat_ids: the chats of which no member is connected to this worker any more.
        """
        self._subscriptions.remove(_user_channel(user_id), *map(_chat_channel, chat_ids))

    def subscribe_chats(self, chat_ids: Iterable[int]) -> None:
        """Receive the events of chats of more than two members. Returns as `subscribe`."""
        self._subscriptions.add(*map(_chat_channel, chat_ids))

    def unsubscribe_chats(self, chat_ids: Iterable[int]) -> None:
        """Stop receiving the events of chats of which no member is connected to this worker any more."""
        self._subscriptions.remove(*map(_chat_channel, chat_ids))

    def publish(self, parcel: Sequence[types.Event], on_published: Callable[[], None] | None = None) -> None:
        """Publish events in this order. Never blocks, and never raises because of Redis.

        Parameters:
            on_published: called when Redis has accepted the events, or no other worker needs them. Not called while
                Redis is away, so that the relay publishes them later.
        """
        for event in parcel:
            self._deliver(event, None)
        if self.sole_worker.is_sole:
            if on_published:
                on_published()
        elif len(self._parcels) < BACKLOG:
            self._parcels.add(_Parcel(parcel, on_published))

    def publish_waiting(self) -> None:
        """Publish all waiting parcels now; for commands that exit afterwards."""
        self._parcels.process_waiting()

    def publish_now(self, events: Sequence[types.Event]) -> None:
        """Publish events in this order, and return when Redis has accepted them; for processes without subscriptions.

        Raises:
            RedisError, OSError: Redis is away.
        """
        for event in events:
            self._deliver(event, None)
        self._publish_batch(events)

    def _publish_parcels(self, batch: list[_Parcel]) -> None:
        # Connecting in vain for each batch would cost more than the messages themselves while Redis is away.
        if self._is_receiving and not self._subscriptions.is_connected:
            self._leave_to_relay(batch, "not connected")
            return
        try:
            delivered = self._publish_batch([event for parcel in batch for event in parcel.events])
        except (RedisError, OSError) as error:
            self._leave_to_relay(batch, str(error))
            return
        for parcel in batch if delivered else ():
            if parcel.on_published:
                parcel.on_published()

    def _leave_to_relay(self, batch: Sequence[_Parcel], reason: str) -> None:
        metrics.publish_failed(len(batch))
        log.warning("events not published, left to the relay", extra={"events": len(batch), "reason": reason})

    def _publish_batch(self, events: Iterable[types.Event]) -> bool:
        """Publish events to the channels that have other subscribers.

        Returns False if Redis lost the subscriptions of this worker, by a restart or a broken connection: those of
        other workers may be missing, too.
        """
        addressed: dict[str, list[types.Event]] = {}
        for event in events:
            for channel in channels_of(event):
                addressed.setdefault(channel, []).append(event)
        if not addressed:
            return True
        (_, workers), *counts = redis().pubsub_numsub(ALL_WORKERS, *addressed)
        is_connected = self._subscriptions.is_connected
        is_complete = not self._is_receiving or (is_connected and workers > 0)
        with redis().pipeline(transaction=False) as pipeline:
            for name, count in counts:
                channel = name.decode() if isinstance(name, bytes) else name
                others = count - (channel in self._subscriptions)
                is_complete = is_complete and others >= 0
                if others > 0:
                    pipeline.publish(channel, encoding.encode(addressed[channel], self.worker_id))
            if pipeline.command_stack:
                pipeline.execute()
        return is_complete

    def _replay_missed(self, disconnected_for: float) -> None:
        try:
            missed = self._read_recent(disconnected_for + COMMIT_MARGIN)
        except Unavailable:
            log.warning("missed events not replayed, clients see the gap by versions")
            return
        for event in missed:
            self._deliver(event, None)

    def _receive(self, channel: str, data: bytes) -> None:
        if encoding.origin_of(data) == self.worker_id:
            return
        via = int(channel.removeprefix(_USER)) if channel.startswith(_USER) else None
        for event in encoding.decode(data):
            self._deliver(event, via)

    def _deliver(self, event: types.Event, via: int | None) -> None:
        """Call the listener. Its defects neither undo a commit nor stop the events that follow."""
        try:
            self._listener(event, via)
        except Exception:
            log.exception("event not delivered", extra={"event": event.kind})


_USER = "events:"
_CHAT = "chat:"


def channels_of(event: types.Event) -> list[str]:
    """The channels that carry an event to other workers."""
    if isinstance(event, types.Notice):
        return []
    audience = event.audience
    if audience.all_workers:
        return [ALL_WORKERS]
    if audience.chat_id is not None:
        return [_chat_channel(audience.chat_id)]
    return [_user_channel(user_id) for user_id in audience.people]


def _user_channel(user_id: int) -> str:
    return f"{_USER}{user_id}"


def _chat_channel(chat_id: int) -> str:
    return f"{_CHAT}{chat_id}"


bus = Bus()
