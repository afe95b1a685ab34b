"""Handles to the three servers, unbound until `bind` is called with the settings of this process."""

from __future__ import annotations

from typing import Any

import redis as redis_py
import urllib3
from minio import Minio
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

from chatapp.infra import gevent_redis
from chatapp.infra.postgres import db
from config import Settings

# minio's own are 300 s and five retries: an upload must say 503 within 10 s when the store is away or hangs.
S3_CONNECT_TIMEOUT = 2.0
S3_READ_TIMEOUT = 4.0  # and once more
S3_CONNECTIONS = 20  # kept open; more are made when needed


class _Unbound:
    """Stands where a client will be, and says so when it is used too early."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("chatapp.infra.clients.bind(settings) has not been called")


redis: redis_py.Redis = _Unbound()  # type: ignore[assignment]
object_store: Minio = _Unbound()  # type: ignore[assignment]


def bind(settings: Settings) -> None:
    """Point the handles at the servers. Opens no connection: a server that is away now may be back later."""
    global redis, object_store
    db.bind(settings)
    pool = redis_pool(
        settings, connections=settings.redis_pool, seconds=settings.redis_timeout, health_check_interval=30
    )
    redis = redis_py.Redis(connection_pool=pool)
    object_store = _object_store(settings)


def redis_pool(
    settings: Settings, *, connections: int, seconds: float, retries: int = 1, **options: Any
) -> redis_py.BlockingConnectionPool:
    """A pool that makes a greenlet wait for a free connection instead of failing it (redis-py's default raises at 100).

    Parameters:
        connections: the most that are open.
        seconds: longest wait for a free connection, to connect, and for an answer.
        retries: how often a command is tried again on a fresh connection, where the last had broken. A server that
            does not answer is not asked again: nobody waits twice.
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
    """How redis-py checks the certificate of a server, and that it is for the host of REDIS_URL."""
    if not settings.redis_tls_verify:
        return {"ssl_cert_reqs": "none"}
    return {"ssl_cert_reqs": "required", "ssl_check_hostname": True, "ssl_ca_data": settings.redis_tls_ca or None}


def _object_store(settings: Settings) -> Minio:
    scheme, _, host = settings.s3_endpoint.partition("://")
    return Minio(
        host,
        access_key=settings.s3_access_key,
        secret_key=settings.s3_secret_key,
        region=settings.s3_region,
        secure=scheme == "https",
        http_client=urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=S3_CONNECT_TIMEOUT, read=S3_READ_TIMEOUT),
            retries=urllib3.Retry(total=1, backoff_factor=0.2, status_forcelist=(500, 502, 503, 504)),
            maxsize=S3_CONNECTIONS,
        ),
    )
