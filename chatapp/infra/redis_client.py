"""The Redis client of this process, and connection pools for callers with time-outs of their own."""

from __future__ import annotations

from typing import Any

import redis as redis_py
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

from chatapp.infra import gevent_redis
from chatapp.infra.bound import Bound
from config import Settings

_HEALTH_CHECK = 30  # seconds of idleness after which a connection is checked before it is used


def redis_pool(
    settings: Settings, *, connections: int, seconds: float, retries: int = 1, **options: Any
) -> redis_py.BlockingConnectionPool:
    """A pool in which a greenlet waits for a free connection (redis-py's default pool raises instead).

    Parameters:
        connections: the most that may be open.
        seconds: time-out for getting a free connection, for connecting, and for each reply.
        retries: how often a command is sent again on a new connection after the old one broke. A command whose reply
            timed out is not sent again: callers wait for one time-out only.
    """
    if settings.redis_url.startswith("rediss://"):
        options |= _tls(settings)
    return redis_py.BlockingConnectionPool.from_url(
        settings.redis_url,
        max_connections=connections,
        timeout=seconds,
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
        protocol=2,
        parser_class=gevent_redis.Parser,
        retry=Retry(NoBackoff(), retries, supported_errors=(RedisConnectionError,)),
        **options,
    )


def _tls(settings: Settings) -> dict[str, Any]:
    """Whether and how redis-py verifies the server's certificate and that it names the host of REDIS_URL."""
    if not settings.redis_tls_verify:
        return {"ssl_cert_reqs": "none"}
    return {"ssl_cert_reqs": "required", "ssl_check_hostname": True, "ssl_ca_data": settings.redis_tls_ca or None}


def _client(settings: Settings) -> redis_py.Redis:
    pool = redis_pool(
        settings, connections=settings.redis_pool, seconds=settings.redis_timeout, health_check_interval=_HEALTH_CHECK
    )
    return redis_py.Redis(connection_pool=pool)


redis: Bound[redis_py.Redis] = Bound("The Redis client", _client)
