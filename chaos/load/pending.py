"""A message that waits for its answer, and when it is tried again."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from chatapp_client import BackOff

# The ceilings of the client's own Pace are meant for people; short ones make figures tell of the server's patience.
RETRY_SECONDS = 0.6
LONGEST_RETRY = 5.0
ANSWER_SECONDS = 6.0  # after which a send is of unknown outcome; above the server's own statement time-out


@dataclass
class Pending:
    """A message without an answer yet. Moments are wall-clock seconds.

    Attributes:
        first_at: when it was sent for the first time.
        tried_at: when the last try left, or ended.
    """

    chat: int
    key: str
    content: str
    first_at: float = field(default_factory=time.time)
    tried_at: float = 0.0
    tries: int = 0
    is_on_its_way: bool = False
    is_over_rest: bool = False
    backoff: BackOff = field(default_factory=lambda: BackOff(RETRY_SECONDS, LONGEST_RETRY))
    not_before: float = 0.0

    def is_due(self, now: float) -> bool:
        """Whether to try again: later each time, so that a server that comes back is not met by a storm."""
        return not self.is_on_its_way and now >= self.not_before

    def is_overdue(self, now: float) -> bool:
        """Whether the socket has had its time to answer."""
        return self.is_on_its_way and not self.is_over_rest and now - self.tried_at > ANSWER_SECONDS

    def begin(self, *, over_rest: bool = False) -> None:
        """A try leaves now."""
        self.tried_at, self.tries, self.is_on_its_way = time.time(), self.tries + 1, True
        self.is_over_rest |= over_rest

    def end(self, now: float) -> None:
        """The try was answered, or given up."""
        self.is_on_its_way, self.tried_at = False, now
        self.not_before = now + self.backoff.next_delay()
