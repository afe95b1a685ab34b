"""What each worker counts of its sockets, shared through Redis so that every worker can report for all."""

from __future__ import annotations

import time
from typing import Any

import orjson
from redis.exceptions import RedisError

from chatapp import presence
from chatapp.errors import Unavailable
from chatapp.infra.redis_client import redis

PERIOD = 2.0  # seconds between two reports of a worker
LIFETIME = 10.0  # seconds after which a worker that no longer reports is left out
_KEY = "workers"
_SUMMED = ("connections", "users", "frames_in", "frames_out")


def report(worker_id: str, counts: dict[str, int]) -> bool:
    """Store the counts of a worker for LIFETIME.

    Returns whether the worker was unknown to Redis: it is new, or Redis lost its data.

    Raises:
        RedisError: Redis is away.
    """
    return bool(redis().hset(_KEY, worker_id, orjson.dumps({"at": time.time(), **counts})))


def stats() -> dict[str, Any]:
    """The latest counts of all workers, each and in total. The total of `users` counts a user once.

    Raises:
        Unavailable: Redis is away.
    """
    try:
        reports: Any = redis().hgetall(_KEY)
        known = {worker.decode(): orjson.loads(counts) for worker, counts in reports.items()}
        dead = [worker for worker, counts in known.items() if counts["at"] < time.time() - LIFETIME]
        if dead:
            redis().hdel(_KEY, *dead)
        users = presence.count_users()
    except RedisError as error:
        raise Unavailable("redis") from error
    workers = [
        {"worker": worker, **{name: counts[name] for name in _SUMMED}}
        for worker, counts in sorted(known.items())
        if worker not in dead
    ]
    totals = {name: sum(counts[name] for counts in workers) for name in _SUMMED}
    return {**totals, "users": users, "workers": workers}
