"""Buses of several workers on one Redis."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.embedded import RedisServer
from tests.servers import ROOT

PROGRAM = """
from gevent import monkey
monkey.patch_all()
from tests.events.bus_program import main
main()
"""
TIMEOUT = 30.0  # seconds for a line that is bound to come


class Worker:
    """A process with a bus (`bus_program.py`)."""

    def __init__(self, environment: dict[str, str], log: Path, *arguments: str) -> None:
        self._log = log
        with log.open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, *arguments],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self._printed: queue.Queue[dict[str, Any]] = queue.Queue()
        self._kept: list[dict[str, Any]] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.started_connected = self.next("started")["started"]

    def do(self, command: str, *arguments: Any) -> dict[str, Any]:
        """Run a command, and return its last line."""
        self.begin(command, *arguments)
        return self.next("done")

    def begin(self, command: str, *arguments: Any) -> None:
        """Run a command without waiting."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([command, *arguments]) + "\n")
        self._process.stdin.flush()

    def next(self, key: str) -> dict[str, Any]:
        """The next line with this key; others are kept."""
        for line in self._kept:
            if key in line:
                self._kept.remove(line)
                return line
        while key not in (line := self._printed.get(timeout=TIMEOUT)):
            self._kept.append(line)
        return line

    def events(self, *, until: int) -> list[tuple[int, int | None]]:
        """Chat and channel of the events up to that of a chat."""
        found = []
        while not found or found[-1][0] != until:
            line = self.next("event")
            found.append((line["event"], line["via"]))
        return found

    def signal(self, number: int) -> None:
        """Send a signal to the process."""
        self._process.send_signal(number)

    @property
    def log(self) -> str:
        """What it logged."""
        return self._log.read_text()

    def end(self) -> None:
        """Kill the process. May be called twice."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._printed.put(json.loads(line))


StartWorker = Callable[..., Worker]


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis without other workers, which a test may break."""
    with RedisServer(tmp_path / "redis") as server:
        yield server


@pytest.fixture
def start_worker(environment: dict[str, str], own_redis: RedisServer, tmp_path: Path) -> Iterator[StartWorker]:
    """Starts a worker on `own_redis`."""
    started: list[Worker] = []

    def start(*arguments: str) -> Worker:
        log = tmp_path / f"worker-{len(started)}.log"
        started.append(Worker({**environment, "REDIS_URL": own_redis.url}, log, *arguments))
        return started[-1]

    yield start
    for worker in started:
        worker.end()
