"""A server that does not answer is left alone for a while, so that not everybody waits for it."""

from __future__ import annotations

import time

PROBE_SECONDS = 1.0  # how long it is left alone after a failure, and then asked by one alone


class CircuitBreaker:
    """Says whether to ask. To be told of every question what became of it."""

    def __init__(self) -> None:
        self._left_alone_until = 0.0

    def allows(self) -> bool:
        """Whether to ask now. After a failure one finds out whether the server is back, the others do not wait."""
        now = time.monotonic()
        if now < self._left_alone_until:
            return False
        if self._left_alone_until:
            self._left_alone_until = now + PROBE_SECONDS
        return True

    def succeeded(self) -> None:
        """It answered: everybody may ask."""
        self._left_alone_until = 0.0

    def failed(self) -> None:
        """It did not answer."""
        self._left_alone_until = time.monotonic() + PROBE_SECONDS
