"""Checks at the start of a process, which exits if a server is reachable but misconfigured.

A server that is unreachable does not prevent the start: it may be back before the first request.
"""

from __future__ import annotations

import logging
import ssl

import psycopg2
from peewee import InterfaceError, OperationalError
from redis.exceptions import RedisError

from chatapp.errors import Misconfigured
from chatapp.infra.postgres import db
from chatapp.infra.postgres_sessions import require_distinct_sessions
from chatapp.infra.redis_client import redis

log = logging.getLogger(__name__)


def check_servers() -> None:
    """Check Postgres and Redis through the handles that requests use.

    Raises:
        Misconfigured: as in `check_database`; or the certificate of Redis is not trusted.
    """
    check_database()
    check_redis_certificate()


def check_database() -> None:
    """Open the first connection of the pool, which checks it. If Postgres is unreachable, that happens later.

    Raises:
        Misconfigured: as in `Sessions.check` and `require_distinct_sessions`.
    """
    try:
        with db.connection_context():
            if db.sessions.is_pooled and db.sessions.prepares:
                require_distinct_sessions(db.connection(), db.database)
    except (OperationalError, InterfaceError, psycopg2.Error) as error:
        log.warning("Postgres is unavailable at start", extra={"reason": type(error).__name__})


def check_redis_certificate() -> None:
    """Connect to Redis once, since an untrusted certificate would otherwise look like an outage.

    Raises:
        Misconfigured: its certificate is not trusted.
    """
    try:
        redis().ping()
    except RedisError as error:
        reason = _refused_certificate(error)
        if reason is not None:
            raise Misconfigured(
                f"The certificate of REDIS_URL is not trusted ({reason.verify_message}): set REDIS_TLS_CA to the"
                " authority that signed it, or REDIS_TLS_VERIFY=0 to trust any."
            ) from error
        log.warning("Redis is unavailable at start", extra={"reason": type(error).__name__})


def _refused_certificate(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error
