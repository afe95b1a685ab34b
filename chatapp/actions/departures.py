"""Users who go offline, many at once: recorded, stored and published in batches.

A network or server that fails disconnects many users in the same moment, and all of them reconnect. One by one, their
departures would occupy the worker for seconds meanwhile.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from time import monotonic

import gevent
from redis.exceptions import RedisError

from chatapp import clock, presence
from chatapp.errors import Unavailable
from chatapp.events.bus import bus
from chatapp.events.types import PresenceChanged
from chatapp.infra.batcher import Batcher
from chatapp.infra.batching import in_batches
from chatapp.infra.postgres import database_connection, db
from chatapp.infra.prepared_statements import Statement
from chatapp.presence import Presence, User
from chatapp.queries import chats as chat_queries

log = logging.getLogger(__name__)

TICK = 0.25  # seconds; users whose grace ends between two ticks go offline together
BATCH = 100  # users who go offline together at most: each has up to a thousand partners

# Locked in the order of ids, so that two workers cannot deadlock. Erasing locks the same rows: an erased user keeps no
# last-seen time, even if their sockets close afterwards. Of users who hide it, none is stored.
_STORE_LAST_SEEN = Statement("""
UPDATE users SET last_seen_at = %(moment)s WHERE id = ANY(ARRAY(
    SELECT id FROM users WHERE id = ANY(%(users)s) AND erased_at IS NULL AND NOT hide_last_seen
    ORDER BY id FOR NO KEY UPDATE
)) RETURNING id
""")


class Departures:
    """Connections that closed, and their users until they are offline."""

    def __init__(self) -> None:
        self._closed: Batcher[tuple[Presence, float]] = Batcher(self._record)
        self._leaving: list[tuple[float, User]] = []  # with the end of their grace, in monotonic seconds
        self._greenlet: gevent.Greenlet[..., None] | None = None

    def add(self, connection: Presence, grace: float) -> None:
        """Record a closed connection. Its user is offline after `grace` seconds without another. Does not wait."""
        self._closed.add((connection, grace))

    def _record(self, closed: list[tuple[Presence, float]]) -> None:
        try:
            presence.closed([connection for connection, _ in closed])
        except RedisError:
            return  # the entries expire, and the sweep sets the users offline
        now = monotonic()
        self._leaving += [(now + grace, connection.user) for connection, grace in closed]
        if self._greenlet is None:
            self._greenlet = gevent.spawn(self._run)

    def _run(self) -> None:
        try:
            while self._leaving:
                gevent.sleep(TICK)
                self._set_due_offline()
        finally:
            self._greenlet = None

    def _set_due_offline(self) -> None:
        now, leaving = monotonic(), self._leaving
        self._leaving = [(end, user) for end, user in leaving if end > now]
        for users in in_batches({user for end, user in leaving if end <= now}, BATCH):
            try:
                set_offline(users)
            except (Unavailable, RedisError) as error:
                log.warning("offline status not published", extra={"users": len(users), "reason": str(error)})


def set_offline(users: Sequence[User]) -> None:
    """Set users offline unless they have a connection to any worker, and publish it to their chat partners.

    Raises:
        RedisError: Redis is away; they may be offline already.
        Unavailable: Postgres is away; they are offline, but nothing is stored or published.
    """
    left = presence.leave(users)
    if not left:
        return
    moment = clock.now()
    with database_connection():
        ids = [user.id for user in left]
        stored = {id for (id,) in db.run(_STORE_LAST_SEEN, {"moment": moment, "users": ids}).fetchall()}
        partners = chat_queries.partners_of(ids)
    bus.publish(
        [
            PresenceChanged(
                recipients=tuple(id for id, _ in partners[user.id]),
                user_id=user.id,
                is_online=False,
                last_seen=clock.rfc3339(moment) if user.id in stored else None,
                user_uuid=user.uuid,
            )
            for user in left
            if partners[user.id]
        ]
    )
    presence.note_last_seen([user.uuid for user in left if user.id in stored], moment)


departures = Departures()
