"""How fast one client is read.

A client that sends more than its share is not refused: nothing more is read of it for a moment, and TCP pushes back. So
a burst of an honest client loses nothing, and a flood costs the worker no more than its share. What may be sent in a
minute is the dialects' business; this bounds what costs nothing there: pings, what is dropped, and what is malformed.
"""

from __future__ import annotations

from time import monotonic

BURST_SECONDS = 2.0  # of its share that a client may send at once: a page that comes back asks a dozen things
FRAME_BYTES = 1024  # that cost as much as a frame: both are some 50 µs at worst


class Allowance:
    """One client's allowance of frames, which fills with time."""

    __slots__ = ("_at", "_left", "_most", "_per_second")

    def __init__(self, per_second: float) -> None:
        """
        Parameters:
            per_second: frames that may be read, in the long run.
        """
        self._per_second = per_second
        self._left = self._most = per_second * BURST_SECONDS
        self._at = monotonic()  # when `_left` was right

    def spend(self, frames: float) -> None:
        """Count frames, or what costs as much."""
        now = monotonic()
        self._left = min(self._most, self._left + (now - self._at) * self._per_second) - frames
        self._at = now

    def wait(self) -> float:
        """Seconds until the next frame may be read; 0 for at once."""
        if self._left >= 0:
            return 0.0
        return max(0.0, -self._left / self._per_second - (monotonic() - self._at))
