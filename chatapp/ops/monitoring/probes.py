"""Probes of Postgres, Redis and S3: whether each answers, and how fast."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

import gevent
from playhouse.pool import MaxConnectionsExceeded

from chatapp.infra import object_storage
from chatapp.infra.postgres import database_connection, db
from chatapp.infra.redis_client import redis

log = logging.getLogger(__name__)

ANSWER_WITHIN = 2.0  # seconds: a server that takes longer counts as down
POOL_WAIT = 1.5  # seconds for a free connection of the pool, which leaves half a second for the query itself

OK, DOWN = "ok", "down"
EXHAUSTED = "exhausted"  # no connection of the pool became free; Postgres itself may be healthy


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one probe: OK, DOWN or EXHAUSTED, and the latency in milliseconds if it is OK."""

    status: str
    latency_ms: float | None = None


class Probe:
    """Probes one server, one query at a time; concurrent callers share its answer.

    A query that hangs is left to its own time-out, since killing it would break a connection. So a server that hangs
    costs one greenlet, no matter how often health is requested.
    """

    def __init__(self, name: str, ask: Callable[[], None]) -> None:
        self.name = name
        self._ask = ask
        self._asking: gevent.Greenlet[..., Finding] | None = None

    def start(self) -> gevent.Greenlet[..., Finding]:
        """Start a probe, or join the one in progress. The greenlet's value is a `Finding`."""
        if self._asking is None or self._asking.ready():
            self._asking = gevent.spawn(self._timed)
        return self._asking

    def _timed(self) -> Finding:
        started = time.perf_counter()
        try:
            self._ask()
        except Exception as error:
            is_exhausted = isinstance(error.__cause__, MaxConnectionsExceeded)
            reason = type(error.__cause__ or error).__name__
            log.warning("server is unavailable", extra={"server": self.name, "reason": reason})
            return Finding(EXHAUSTED if is_exhausted else DOWN)
        return Finding(OK, round((time.perf_counter() - started) * 1000, 2))


def probes() -> tuple[Probe, ...]:
    """One probe per server."""
    return (
        Probe("postgres", _ask_postgres),
        Probe("redis", _ask_redis),
        Probe("s3", object_storage.check_bucket),
    )


def findings(asked: tuple[Probe, ...]) -> dict[str, Finding]:
    """Run all probes concurrently; the results by name. A server that does not answer in time is DOWN."""
    greenlets = {probe.name: probe.start() for probe in asked}
    gevent.joinall(list(greenlets.values()), timeout=ANSWER_WITHIN)
    return {name: greenlet.value or Finding(DOWN) for name, greenlet in greenlets.items()}


def _ask_postgres() -> None:
    """Use a connection of the pool, as requests do, to detect an exhausted pool."""
    with database_connection(wait=POOL_WAIT):
        db.execute_sql("SELECT 1")


def _ask_redis() -> None:
    redis().ping()
