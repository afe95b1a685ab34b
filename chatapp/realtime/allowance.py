"""How fast the frames of one client are read: a token bucket.

A client that sends faster is not rejected: reading from it pauses, and TCP pushes back. So an honest client loses
nothing in a burst, and a flood costs the worker no more than one client's share. The dialects limit how often a client
may do something; this bounds what they do not count: pings, dropped frames, and malformed ones.
"""

from __future__ import annotations

from time import monotonic

BURST_SECONDS = 2.0  # of its share that a client may send at once: a page that reconnects sends a dozen requests
FRAME_BYTES = 1024  # that cost as much as a frame: some 50 µs at worst


class Allowance:
    """The frames that one client may send now. It fills with time."""

    __slots__ = ("_at", "_left", "_most", "_per_second")

    def __init__(self, per_second: float) -> None:
        """
        Parameters:
            per_second: frames read per second in the long run.
        """
        self._per_second = per_second
        self._left = self._most = per_second * BURST_SECONDS
        self._at = monotonic()  # time of `_left`

    def spend(self, frames: float) -> None:
        """Count frames, or work that costs as much."""
        now = monotonic()
        self._left = min(self._most, self._left + (now - self._at) * self._per_second) - frames
        self._at = now

    def wait(self) -> float:
        """Seconds until the next frame may be read; 0 if it may be read now."""
        if self._left >= 0:
            return 0.0
        return max(0.0, -self._left / self._per_second - (monotonic() - self._at))
