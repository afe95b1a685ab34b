"""What one request or frame costs the web worker: CPU time of its process, in milliseconds, whatever else the machine
does meanwhile."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import psutil
import pytest

from tests.servers import ChatServer

T = TypeVar("T")

BUDGET = 50.0  # ms on a machine as in REFERENCE; while one request takes them, that worker serves no other
ADDITIONS = 300_000
REFERENCE = 20.0  # ms of CPU that they take on the machine that the budgets are for
TRIES = 3  # the cheapest counts: garbage collection, heartbeats and cold caches are not the input's fault
NEAR = 4  # below this part of the budget one try will do
SETTLE = 30.0  # seconds within which a worker that has answered goes back to sleep


@dataclass
class Meter:
    """Measures the one worker of a server, and keeps the worst.

    Attributes:
        costs: milliseconds of each input, by its name.
    """

    server: ChatServer
    costs: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (worker,) = psutil.Process(self.server.process.pid).children()
        self._tasks = f"/proc/{worker.pid}/task"
        self._spent = self._settled()

    def measure(self, name: str, act: Callable[[], T], budget: float = BUDGET) -> tuple[float, T]:
        """CPU milliseconds of the worker while `act` runs and until it sleeps again, and what `act` returned.

        What it ran since the last measurement is included, which spares waiting for its sleep once more. Where the sum
        comes near the budget, it is tried again; the least of TRIES counts. On a machine that is slower at that moment
        it is what it would be on the reference.
        """
        cost = float("inf")
        for _ in range(TRIES):
            before = self._spent
            result = act()
            self._spent = self._settled()
            spent = sum(time - before.get(task, 0) for task, time in self._spent.items())
            cost = min(cost, spent / 1e6)
            if cost > budget:
                cost /= slowness()
            if cost <= budget / NEAR:
                break
        self.costs[name] = cost
        return cost, result

    def worst(self, count: int = 10) -> list[tuple[str, float]]:
        """The most expensive inputs, worst first."""
        return sorted(self.costs.items(), key=lambda item: -item[1])[:count]

    def table(self, title: str) -> str:
        """The ten worst, to be printed."""
        rows = [f"{cost:8.1f} ms  {name}" for name, cost in self.worst()]
        return "\n".join([f"\n{title}: the ten worst of {len(self.costs)} inputs", *rows])

    def _settled(self) -> dict[str, int]:
        """Nanoseconds that each thread has run, once all of them sleep."""
        deadline = time.monotonic() + SETTLE
        before = self._read()
        while True:
            time.sleep(0.0005)  # between two looks
            after = self._read()
            if before == after and all(state == b"S" for _, state in after.values()):
                return {task: spent for task, (spent, _) in after.items()}
            before = after
            assert time.monotonic() < deadline, "the worker does not come to rest"

    def _read(self) -> dict[str, tuple[int, bytes]]:
        """By thread its nanoseconds and state. Read some ten thousand times, so without objects for paths and files."""
        try:
            tasks = os.listdir(self._tasks)  # noqa: PTH208
        except FileNotFoundError:
            pytest.fail("the worker has ended: gunicorn kills one whose event loop stands still")
        found = {}
        for task in tasks:
            try:
                spent = int(_content(f"{self._tasks}/{task}/schedstat").split()[0])
                state = _content(f"{self._tasks}/{task}/stat").rpartition(b")")[2].split()[0]
            except (FileNotFoundError, ProcessLookupError):  # the thread has ended
                continue
            found[task] = spent, state
        return found


def slowness() -> float:
    """How many times longer this machine takes now than the one that the budgets are for; at least 1."""
    before = time.thread_time()
    total = 0
    for number in range(ADDITIONS):
        total += number
    return max(1.0, (time.thread_time() - before) * 1000 / REFERENCE)


def _content(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return os.read(descriptor, 1024)
    finally:
        os.close(descriptor)
