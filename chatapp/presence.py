"""Who is online: Redis keys that live only as long as somebody refreshes them.

Nothing here is the truth about anything that must last; losing it all is mended within seconds, as soon as a worker
sees itself forgotten. Times are the application's clock in seconds since 1970.

Keys: `connections` (all of them, scored by expiry), `connections:{user id}` (a person's), and those that other
services read: `online:{uuid}`, `last_seen:{uuid}`, `ws:{uuid}` (API.md, social dialect).
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from redis.client import Pipeline
from redis.exceptions import RedisError

from chatapp.infra.circuit_breaker import CircuitBreaker
from chatapp.infra.redis_client import redis

log = logging.getLogger(__name__)

TTL = 60  # seconds that a connection counts without being refreshed (API.md: TTL of `online:`)
_CHUNK = 500  # connections refreshed in one pipeline
_ALL = "connections"

_breaker = CircuitBreaker()  # of questions that an answer can do without

# Atomic, so that somebody who comes back at this very moment is not declared gone.
_LEAVE = """
if redis.call('zcount', KEYS[1], ARGV[1], '+inf') > 0 then return 0 end
return redis.call('del', KEYS[2])
"""


@dataclass(frozen=True, slots=True)
class Presence:
    """A connection of a person; `connection_id` rises with the time that it was opened."""

    user_id: int
    uuid: str
    connection_id: str


def opened(presence: Presence) -> tuple[bool, list[str]]:
    """Note a connection.

    Returns whether the person was offline until now, and the ids of all their connections, oldest first.
    """
    with redis().pipeline(transaction=True) as pipeline:
        _refresh(pipeline, presence)
        pipeline.set(f"online:{presence.uuid}", int(time.time()), ex=TTL, get=True)
        pipeline.zrangebyscore(_mine(presence), time.time(), "+inf")
        *_, was_online, ids = pipeline.execute()
    return was_online is None, sorted(id.decode() for id in ids)


def closed(presence: Presence) -> None:
    """Forget a connection. The person stays online until `leave`."""
    with redis().pipeline(transaction=True) as pipeline:
        pipeline.zrem(_ALL, _member(presence))
        pipeline.zrem(_mine(presence), presence.connection_id)
        pipeline.srem(f"ws:{presence.uuid}", presence.connection_id)
        pipeline.execute()


def leave(user_id: int, uuid: str) -> bool:
    """Declare a person offline unless a connection is left anywhere; returns whether they went offline now."""
    keys = (f"connections:{user_id}", f"online:{uuid}")
    return bool(redis().eval(_LEAVE, len(keys), *keys, int(time.time())))


def refresh(connections: Iterable[Presence]) -> None:
    """Keep these connections alive for another `TTL`; also rebuilds everything after Redis lost it."""
    waiting = list(connections)
    for start in range(0, len(waiting), _CHUNK):
        with redis().pipeline(transaction=False) as pipeline:
            for presence in waiting[start : start + _CHUNK]:
                _refresh(pipeline, presence)
                pipeline.set(f"online:{presence.uuid}", int(time.time()), ex=TTL)
            pipeline.execute()


def online_among(uuids: Sequence[str]) -> set[str]:
    """Those of the people who are online; nobody while Redis is away: what is shown with it does not wait for it."""
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


def people_online() -> Iterator[int]:
    """Ids of everybody with a connection, each once, as far as Redis knows."""
    told: set[int] = set()
    for member, _ in redis().zscan_iter(_ALL, count=_CHUNK):
        user_id = int(member.split(b":")[0])
        if user_id not in told:
            told.add(user_id)
            yield user_id


def count_users() -> int:
    """How many users have a connection.

    Raises:
        RedisError: Redis is away.
    """
    members: Any = redis().zrangebyscore(_ALL, time.time(), "+inf")
    return len({member.split(b":")[0] for member in members})


def note_last_seen(uuid: str, last_seen: dt.datetime) -> None:
    """Say when somebody was last seen. Kept without an end, so it is not for people who were erased."""
    redis().set(f"last_seen:{uuid}", int(last_seen.timestamp()))


def restore_last_seen(pipeline: Pipeline, uuid: str, last_seen: dt.datetime) -> None:
    """Say when somebody was last seen, where Redis has lost it."""
    pipeline.set(f"last_seen:{uuid}", int(last_seen.timestamp()), nx=True)


def forget_last_seen(uuid: str) -> None:
    """Remove when an erased person was last seen, which is kept without an end."""
    redis().delete(f"last_seen:{uuid}")


def take_expired(limit: int = 1000) -> list[Presence]:
    """Forget and return connections that nobody refreshes any more: those of a dead worker."""
    expired: Any = redis().zrangebyscore(_ALL, "-inf", time.time(), start=0, num=limit)
    members = (member.decode().split(":") for member in expired)
    found = [Presence(int(user_id), uuid, connection_id) for user_id, uuid, connection_id in members]
    for presence in found:
        closed(presence)
    return found


def _refresh(pipeline: Pipeline, presence: Presence) -> None:
    expiry = time.time() + TTL
    pipeline.zadd(_ALL, {_member(presence): expiry})
    pipeline.zadd(_mine(presence), {presence.connection_id: expiry})
    pipeline.expire(_mine(presence), 2 * TTL)
    pipeline.sadd(f"ws:{presence.uuid}", presence.connection_id)
    pipeline.expire(f"ws:{presence.uuid}", 2 * TTL)


def _mine(presence: Presence) -> str:
    return f"connections:{presence.user_id}"


def _member(presence: Presence) -> str:
    return f"{presence.user_id}:{presence.uuid}:{presence.connection_id}"
