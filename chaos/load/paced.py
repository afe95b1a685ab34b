"""Actions at a rate that may change at any time, each in a greenlet of its own."""

from __future__ import annotations

from collections.abc import Callable

import gevent

from chaos.load.state import LoadState

LOOK_EVERY = 0.1  # seconds, while the rate is 0


class Paced:
    """Runs actions until the load ends."""

    def __init__(self, state: LoadState) -> None:
        self._state = state
        self._busy = 0

    @property
    def is_at_rest(self) -> bool:
        """Whether no action is in progress."""
        return not self._busy

    def start(self, rate: Callable[[], float], act: Callable[[], None]) -> None:
        """Run an action so many times a second. Parameters: rate: returns the current number."""
        gevent.spawn(self._repeat, rate, act)

    def _repeat(self, rate: Callable[[], float], act: Callable[[], None]) -> None:
        while not self._state.has_ended:
            per_second = rate()
            gevent.sleep(1 / per_second if per_second else LOOK_EVERY)
            if rate():
                gevent.spawn(self._run, act)

    def _run(self, act: Callable[[], None]) -> None:
        self._busy += 1
        try:
            act()
        finally:
            self._busy -= 1
