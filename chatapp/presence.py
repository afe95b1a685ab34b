"""Online presence: Redis keys that expire unless a worker refreshes them.

No key is the only copy of anything. If Redis loses them all, they are restored within seconds, as soon as a worker
notices the loss of its report. Times are the application's clock in seconds since 1970.

Keys: `connections` (all, scored by expiry), `connections:{user id}` (those of a user), and for other services
`online:{uuid}`, `last_seen:{uuid}`, `ws:{uuid}` (docs/operations.md).
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from redis.client import Pipeline
from redis.exceptions import RedisError

from chatapp.infra.circuit_breaker import CircuitBreaker
from chatapp.infra.redis_client import redis

log = logging.getLogger(__name__)

Item = TypeVar("Item")

TTL = 60  # seconds that a connection counts without a refresh; the published lifetime of `online:`
_CHUNK = 500  # connections or users of one pipeline
_ALL = "connections"

_breaker = CircuitBreaker()  # of reads that responses can do without

# Atomic, so that a user who reconnects at the same time is not set offline.
_LEAVE = """
if redis.call('zcount', KEYS[1], ARGV[1], '+inf') > 0 then return 0 end
return redis.call('del', KEYS[2])
"""


class User(NamedTuple):
    """A user, as the keys name them."""

    id: int
    uuid: str


@dataclass(frozen=True, slots=True)
class Presence:
    """A connection of a user; connection ids rise with the time of opening."""

    user_id: int
    uuid: str
    connection_id: str

    @property
    def user(self) -> User:
        """The user of the connection."""
        return User(self.user_id, self.uuid)


def opened(presence: Presence) -> tuple[bool, list[str]]:
    """Add a connection.

    Returns whether the user was offline before, and the ids of all their connections, oldest first.
    """
    with redis().pipeline(transaction=True) as pipeline:
        _refresh(pipeline, presence)
        pipeline.set(f"online:{presence.uuid}", int(time.time()), ex=TTL, get=True)
        pipeline.zrangebyscore(_user_key(presence), time.time(), "+inf")
        *_, was_online, ids = pipeline.execute()
    return was_online is None, sorted(id.decode() for id in ids)


def closed(connections: Sequence[Presence]) -> None:
    """Remove connections. Their users stay online until `leave`."""
    for some in _chunks(connections):
        with redis().pipeline(transaction=True) as pipeline:
            for presence in some:
                pipeline.zrem(_ALL, _member(presence))
                pipeline.zrem(_user_key(presence), presence.connection_id)
                pipeline.srem(f"ws:{presence.uuid}", presence.connection_id)
            pipeline.execute()


def leave(users: Sequence[User]) -> list[User]:
    """Set users offline unless they have a connection to any worker; returns those who went offline."""
    left: list[User] = []
    for some in _chunks(users):
        with redis().pipeline(transaction=False) as pipeline:
            for user in some:
                keys = (f"connections:{user.id}", f"online:{user.uuid}")
                pipeline.eval(_LEAVE, len(keys), *keys, int(time.time()))
            left += [user for user, has_left in zip(some, pipeline.execute(), strict=True) if has_left]
    return left


def refresh(connections: Iterable[Presence]) -> None:
    """Extend connections by another `TTL`, and restore their keys if Redis lost them."""
    for some in _chunks(list(connections)):
        with redis().pipeline(transaction=False) as pipeline:
            for presence in some:
                _refresh(pipeline, presence)
                pipeline.set(f"online:{presence.uuid}", int(time.time()), ex=TTL)
            pipeline.execute()


def online_among(uuids: Sequence[str]) -> set[str]:
    """The UUIDs of users who are online; none while Redis is away, because responses do not wait for it."""
    if not uuids or not _breaker.allows():
        return set()
    try:
        found = redis().mget([f"online:{uuid}" for uuid in uuids])
    except RedisError as error:
        _breaker.failed()
        log.warning("presence unknown", extra={"reason": str(error)})
        return set()
    _breaker.succeeded()
    return {uuid for uuid, value in zip(uuids, found, strict=True) if value is not None}


def online_users() -> Iterator[int]:
    """Ids of the users with a connection, each once."""
    seen: set[int] = set()
    for member, _ in redis().zscan_iter(_ALL, count=_CHUNK):
        user_id = int(member.split(b":")[0])
        if user_id not in seen:
            seen.add(user_id)
            yield user_id


def count_users() -> int:
    """How many users have a connection.

    Raises:
        RedisError: Redis is away.
    """
    members: Any = redis().zrangebyscore(_ALL, time.time(), "+inf")
    return len({member.split(b":")[0] for member in members})


def last_seen_key(uuid: str) -> str:
    """The key of the time at which a user was last seen. Of a user who hides it there is none."""
    return f"last_seen:{uuid}"


def note_last_seen(uuids: Sequence[str], last_seen: dt.datetime) -> None:
    """Store when users were last seen. The keys never expire, so this must not be called for erased users."""
    if uuids:
        redis().mset({last_seen_key(uuid): int(last_seen.timestamp()) for uuid in uuids})


def restore_last_seen(pipeline: Pipeline, uuid: str, last_seen: dt.datetime) -> None:
    """Store when a user was last seen, if Redis has lost it."""
    pipeline.set(last_seen_key(uuid), int(last_seen.timestamp()), nx=True)


def forget_last_seen(uuid: str) -> None:
    """Remove when a user was last seen."""
    redis().delete(last_seen_key(uuid))


def forget_last_seen_if_possible(uuid: str) -> None:
    """Remove when a user who now hides it was last seen. While Redis is away it stays: the export removes it later."""
    try:
        forget_last_seen(uuid)
    except RedisError as error:
        log.warning("last seen not removed", extra={"reason": str(error)})


def take_expired(limit: int = 1000) -> list[Presence]:
    """Remove and return connections that have expired: those of a dead worker."""
    expired: Any = redis().zrangebyscore(_ALL, "-inf", time.time(), start=0, num=limit)
    members = (member.decode().split(":") for member in expired)
    found = [Presence(int(user_id), uuid, connection_id) for user_id, uuid, connection_id in members]
    closed(found)
    return found


def _refresh(pipeline: Pipeline, presence: Presence) -> None:
    expiry = time.time() + TTL
    pipeline.zadd(_ALL, {_member(presence): expiry})
    pipeline.zadd(_user_key(presence), {presence.connection_id: expiry})
    pipeline.expire(_user_key(presence), 2 * TTL)
    pipeline.sadd(f"ws:{presence.uuid}", presence.connection_id)
    pipeline.expire(f"ws:{presence.uuid}", 2 * TTL)


def _chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    return (items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK))


def _user_key(presence: Presence) -> str:
    return f"connections:{presence.user_id}"


def _member(presence: Presence) -> str:
    return f"{presence.user_id}:{presence.uuid}:{presence.connection_id}"
