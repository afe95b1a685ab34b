"""Whether the three servers answer, and how fast."""

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

ANSWER_WITHIN = 2.0  # seconds: a part that takes longer counts as away
POOL_WAIT = 1.5  # seconds for a free connection of the pool, which leaves half a second for the question itself

OK, DOWN = "ok", "down"
EXHAUSTED = "exhausted"  # no connection of the pool became free; Postgres itself may be well


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one probe: OK, DOWN or EXHAUSTED, and the latency in milliseconds where it is OK."""

    status: str
    latency_ms: float | None = None


class Probe:
    """Asks one server. One question at a time: who asks meanwhile shares its answer.

    A question that hangs is left to its own time-outs and not killed (that would break a connection), so a part that
    hangs costs one greenlet, however often health is asked for.
    """

    def __init__(self, name: str, ask: Callable[[], None]) -> None:
        self.name = name
        self._ask = ask
        self._asking: gevent.Greenlet[..., Finding] | None = None

    def start(self) -> gevent.Greenlet[..., Finding]:
        """Ask, or join the question that is under way. The greenlet's value is a `Finding`."""
        if self._asking is None or self._asking.ready():
            self._asking = gevent.spawn(self._timed)
        return self._asking

    def _timed(self) -> Finding:
        started = time.perf_counter()
        try:
            self._ask()
        except Exception as error:
            is_exhausted = isinstance(error.__cause__, MaxConnectionsExceeded)
            log.warning("part is away", extra={"part": self.name, "reason": type(error.__cause__ or error).__name__})
            return Finding(EXHAUSTED if is_exhausted else DOWN)
        return Finding(OK, round((time.perf_counter() - started) * 1000, 2))


def probes() -> tuple[Probe, ...]:
    """One probe for each server."""
    return (
        Probe("postgres", _ask_postgres),
        Probe("redis", _ask_redis),
        Probe("s3", object_storage.check_bucket),
    )


def findings(asked: tuple[Probe, ...]) -> dict[str, Finding]:
    """Ask all at once; by name. A part that does not answer in time is DOWN."""
    greenlets = {probe.name: probe.start() for probe in asked}
    gevent.joinall(list(greenlets.values()), timeout=ANSWER_WITHIN)
    return {name: greenlet.value or Finding(DOWN) for name, greenlet in greenlets.items()}


def _ask_postgres() -> None:
    """Use a connection of the pool, as requests do, so that an exhausted pool is reported."""
    with database_connection(wait=POOL_WAIT):
        db.execute_sql("SELECT 1")


def _ask_redis() -> None:
    redis().ping()
