"""How soon messages can be found while many are sent, with the worker process of the Procfile."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any, Self

import psycopg2

from bench.environment import CHATAPP, ROOT, Environment
from bench.stats import percentile, print_errors
from bench.workload import PairWorkload
from chatapp import clock
from chatapp.ids import snowflake

RATE, SECONDS = 500.0, 20.0  # messages a second
WARM_UP_RATE, WARM_UP_SECONDS = 10.0, 1.0
SOCKETS = 50
FIRST_PERSON = 2_000_001
GOAL_MS = 2000.0  # p99
INDEXED_WITHIN = 60.0  # seconds after the last message
_PERIOD = 0.2  # seconds between two looks at the index


class IndexWatch:
    """Looks at the index in a thread, and records when each new message is there first.

    Attributes:
        delays: seconds from when a message got its id.
        error: why the index can no longer be read.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._has_ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._known: set[int] = set()
        self.delays: list[float] = []
        self.error: psycopg2.Error | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._has_ended.set()
        self._thread.join()

    def wait_for(self, messages: int, meanwhile: Callable[[], None]) -> None:
        """Wait until so many messages were indexed, or for `INDEXED_WITHIN`.

        Parameters:
            meanwhile: called again and again; waits for a moment.
        """
        deadline = time.monotonic() + INDEXED_WITHIN
        while len(self.delays) < messages and self.error is None and time.monotonic() < deadline:
            meanwhile()

    def _run(self) -> None:
        began = snowflake.first_id_at(clock.now())
        try:
            with closing(psycopg2.connect(self._url)) as connection, connection.cursor() as cursor:
                connection.autocommit = True
                while not self._has_ended.wait(_PERIOD):
                    cursor.execute("SELECT message_id FROM message_search WHERE message_id > %s", (began,))
                    self._saw({id for (id,) in cursor.fetchall()})
        except psycopg2.Error as error:
            self.error = error

    def _saw(self, ids: set[int]) -> None:
        now = clock.now()
        self.delays += [(now - snowflake.moment_of(id)).total_seconds() for id in ids - self._known]
        self._known |= ids


def freshness(running: Environment, *, rate: float = RATE, judges_time: bool = True) -> list[dict[str, Any]]:
    """Send at a fixed rate, and measure when each message is in the index.

    Parameters:
        rate: messages a second.
        judges_time: whether a delay above the goal counts as an error. On a busy machine it means nothing.
    """
    assert running.servers.postgres is not None
    workload = PairWorkload(running, SOCKETS, FIRST_PERSON)
    try:
        with _worker(running), IndexWatch(running.servers.postgres.url) as watch:
            warm_up = workload.open_loop(WARM_UP_RATE, WARM_UP_SECONDS).delivered
            watch.wait_for(warm_up, workload.rest)  # the worker has started
            result = workload.open_loop(rate, SECONDS)
            watch.wait_for(result.delivered, workload.rest)
    finally:
        workload.close()
    errors = list(result.errors)
    if len(watch.delays) != result.delivered:
        errors.append(f"{len(watch.delays)} of {result.delivered} messages were indexed: {watch.error}")
    delays = watch.delays[warm_up:]
    p99 = percentile(delays, 0.99)
    if judges_time and p99 > GOAL_MS:
        errors.append(f"p99 is {p99} ms instead of {GOAL_MS}")
    return [
        {
            "scenario": f"search: indexed at {rate:g} messages a second",
            "messages": len(delays),
            "p50_ms": percentile(delays, 0.5),
            "p99_ms": p99,
            "errors": print_errors("freshness", errors),
        }
    ]


@contextmanager
def _worker(running: Environment) -> Iterator[None]:
    environment = {**os.environ, **running.servers.services.environment(), **CHATAPP.environment}
    with subprocess.Popen([sys.executable, "-m", "chatapp.ops", "worker"], cwd=ROOT, env=environment) as process:
        try:
            yield
        finally:
            process.terminate()
