"""An unanswered message, and when it is retried."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import NamedTuple

from chatapp_client import BackOff

# Shorter than the client's own timings, so that results reflect the server and not the back-off.
RETRY_SECONDS = 0.6
LONGEST_RETRY = 5.0
ANSWER_SECONDS = 6.0  # after which the outcome of a send is unknown; longer than the server's statement timeout


class Reference(NamedTuple):
    """Another message that a message names. Parameters: field: of the body, in the marketplace dialect."""

    field: str
    message: int


@dataclass
class Pending:
    """An unanswered message. Times are wall-clock seconds.

    Attributes:
        about: the message that it answers or copies.
        first_at: when it was first sent.
        tried_at: when the last attempt started or ended.
    """

    chat: int
    key: str
    content: str
    about: Reference | None = None
    first_at: float = field(default_factory=time.time)
    tried_at: float = 0.0
    tries: int = 0
    is_on_its_way: bool = False
    is_over_rest: bool = False
    backoff: BackOff = field(default_factory=lambda: BackOff(RETRY_SECONDS, LONGEST_RETRY))
    not_before: float = 0.0

    def is_due(self, now: float) -> bool:
        """Whether to retry now; delays grow, so that a recovering server is not flooded."""
        return not self.is_on_its_way and now >= self.not_before

    def is_overdue(self, now: float) -> bool:
        """Whether the answer over the socket has timed out."""
        return self.is_on_its_way and not self.is_over_rest and now - self.tried_at > ANSWER_SECONDS

    def begin(self, *, over_rest: bool = False) -> None:
        """An attempt starts now."""
        self.tried_at, self.tries, self.is_on_its_way = time.time(), self.tries + 1, True
        self.is_over_rest |= over_rest

    def end(self, now: float) -> None:
        """The attempt was answered or timed out."""
        self.is_on_its_way, self.tried_at = False, now
        self.not_before = now + self.backoff.next_delay()
