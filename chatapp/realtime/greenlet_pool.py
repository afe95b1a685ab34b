"""Greenlets that serve connections one after the other, so that an idle connection needs none.

A greenlet costs 20 to 30 KB once it has handled a frame, and spawning one costs more than switching to one that is
parked. So the number of greenlets follows the frames handled at the same time, not the sockets.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

import gevent
from gevent import get_hub, getcurrent

KEPT = 16  # parked greenlets that are never released: an ordinary load finds one without a spawn
PERIOD = 5.0  # seconds; greenlets that were parked throughout are released

Task = Callable[[], None]


class GreenletPool:
    """Runs tasks in greenlets that are parked in between. It sets no bound: each task belongs to a connection."""

    def __init__(self, *, kept: int = KEPT, period: float = PERIOD) -> None:
        self._kept = kept
        self._period = period
        self._parked: list[Any] = []  # used from its end, so that those at its start are the superfluous ones
        self._due: deque[Task] = deque()  # for greenlets that have not started yet
        self._fewest_parked = 0  # in this period
        self._timer: Any = None

    def run(self, task: Task) -> None:
        """Run a task now, until it first waits. Call it in a callback of the event loop."""
        if self._parked:
            greenlet = self._parked.pop()
            if len(self._parked) < self._fewest_parked:
                self._fewest_parked = len(self._parked)
            greenlet.switch(task)
        else:
            self._spawn(task)

    def start(self, task: Task) -> None:
        """Run a task in this or the next iteration of the event loop. May be called from any greenlet."""
        get_hub().loop.run_callback(self.run, task)

    def _spawn(self, task: Task) -> None:
        # Not as an argument, which the greenlet would keep for all its life.
        self._due.append(task)
        gevent.spawn(self._serve)

    def _serve(self) -> None:
        """Run tasks until this greenlet is superfluous. Keeps no reference to a task while it is parked."""
        task: Task | None = self._due.popleft()
        while task is not None:
            task()
            task = None
            self._parked.append(getcurrent())
            self._release_later()
            task = get_hub().switch()

    def _release_later(self) -> None:
        if self._timer is None and len(self._parked) > self._kept:
            self._fewest_parked = len(self._parked)
            self._timer = get_hub().loop.timer(self._period, ref=False)
            self._timer.start(self._release)

    def _release(self) -> None:
        """End the greenlets that were not needed in this period. Runs in the loop."""
        self._timer.close()
        self._timer = None
        superfluous = max(0, self._fewest_parked - self._kept)
        released, self._parked = self._parked[:superfluous], self._parked[superfluous:]
        for greenlet in released:
            greenlet.switch(None)
        self._release_later()


greenlets = GreenletPool()
