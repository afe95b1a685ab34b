"""Leaves a server that does not respond alone for a while, so that not every caller waits for it."""

from __future__ import annotations

import time

PROBE_SECONDS = 1.0  # pause after a failure; then a single call probes the server


class CircuitBreaker:
    """Decides whether to call a server. The caller reports the outcome of each call.

    Parameters:
        failures: so many in a row, and the server is left alone.
        pause: seconds until a single call probes it; PROBE_SECONDS if None.
    """

    def __init__(self, *, failures: int = 1, pause: float | None = None) -> None:
        self._limit = failures
        self._pause = pause
        self._failures = 0
        self._open_until = 0.0

    def allows(self) -> bool:
        """Whether to call now. After a failure one caller probes the server while the others do not wait."""
        now = time.monotonic()
        if now < self._open_until:
            return False
        if self._open_until:
            self._open_until = now + self._seconds()
        return True

    def succeeded(self) -> None:
        """Report a response: every caller is allowed again."""
        self._failures = 0
        self._open_until = 0.0

    def failed(self) -> None:
        """Report a failure."""
        self._failures += 1
        if self._failures >= self._limit:
            self._open_until = time.monotonic() + self._seconds()

    def _seconds(self) -> float:
        return PROBE_SECONDS if self._pause is None else self._pause
