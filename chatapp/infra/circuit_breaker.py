"""Leaves a server that does not respond alone for a while, so that not every caller waits for it."""

from __future__ import annotations

import time

PROBE_SECONDS = 1.0  # pause after a failure; then a single call probes the server


class CircuitBreaker:
    """Decides whether to call a server. The caller reports the outcome of each call."""

    def __init__(self) -> None:
        self._open_until = 0.0

    def allows(self) -> bool:
        """Whether to call now. After a failure one caller probes the server while the others do not wait."""
        now = time.monotonic()
        if now < self._open_until:
            return False
        if self._open_until:
            self._open_until = now + PROBE_SECONDS
        return True

    def succeeded(self) -> None:
        """Report a response: every caller is allowed again."""
        self._open_until = 0.0

    def failed(self) -> None:
        """Report a failure."""
        self._open_until = time.monotonic() + PROBE_SECONDS
