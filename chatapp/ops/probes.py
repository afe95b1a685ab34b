"""Whether the three servers answer, and how fast."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import gevent
import psycopg2

from chatapp import extensions
from config import Settings

log = logging.getLogger(__name__)

ANSWER_WITHIN = 2.0  # seconds: a part that takes longer counts as away


class Probe:
    """Asks one server. One question at a time: who asks meanwhile shares its answer.

    A question that hangs is left to its own time-outs and not killed (that would break a connection), so a part that
    hangs costs one greenlet, however often health is asked for.
    """

    def __init__(self, name: str, ask: Callable[[], None]) -> None:
        self.name = name
        self._ask = ask
        self._asking: gevent.Greenlet | None = None

    def start(self) -> gevent.Greenlet:
        """Ask, or join the question that is under way. The greenlet's value: latency in ms, None when away."""
        if self._asking is None or self._asking.ready():
            self._asking = gevent.spawn(self._timed)
        return self._asking

    def _timed(self) -> float | None:
        started = time.perf_counter()
        try:
            self._ask()
        except Exception as error:
            log.warning("part is away", extra={"part": self.name, "reason": type(error).__name__})
            return None
        return round((time.perf_counter() - started) * 1000, 2)


def probes(settings: Settings) -> tuple[Probe, ...]:
    """One probe for each server."""
    return (
        Probe("postgres", lambda: _ask_postgres(settings)),
        Probe("redis", _ask_redis),
        Probe("s3", lambda: _ask_s3(settings)),
    )


def latencies(asked: tuple[Probe, ...]) -> dict[str, float | None]:
    """Ask all at once; milliseconds by name, None for a part that is away or did not answer in time."""
    greenlets = {probe.name: probe.start() for probe in asked}
    gevent.joinall(list(greenlets.values()), timeout=ANSWER_WITHIN)
    return {name: greenlet.value if greenlet.ready() else None for name, greenlet in greenlets.items()}


def _ask_postgres(settings: Settings) -> None:
    """On a connection of its own: an exhausted pool is a busy server and not one that is gone."""
    connection = psycopg2.connect(
        settings.database_url,
        connect_timeout=int(ANSWER_WITHIN),
        application_name="chatapp health",
        options=f"-c statement_timeout={int(ANSWER_WITHIN * 1000)}",
    )
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()


def _ask_redis() -> None:
    extensions.redis.ping()


def _ask_s3(settings: Settings) -> None:
    if not extensions.object_store.bucket_exists(settings.s3_bucket):
        raise LookupError("no such bucket")
