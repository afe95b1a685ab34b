"""What a consumer of the outbox provides, and what it may rely on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from chatapp.events.types import Event


class Consumer(ABC):
    """Handles each event after its commit, for example by publishing it.

    A consumer has its own position in the outbox, so none waits for another. It receives every event at least once, and
    the events of a chat in the order of their versions. Erased data has been removed from them. A new consumer starts
    with the events that are committed after its first run.

    Attributes:
        name: of its row in `outbox_consumers`. A renamed consumer is a new one.
        min_age: seconds that an event rests before it is handled.
        final_age: seconds; an event that is younger is handled again by the next run.
        is_due: SQL condition of the rows of `outbox` that have to be handled. Their ids are from %(first)s to %(last)s.
        overwrites: whether it writes values that replace earlier ones. If two processes handle the same events, while
            the leadership passes from one to the other, the later one handles them twice: it may have overwritten a
            newer value.
        rows_per_run: most rows of the outbox that are handled in one run, each second.
        longest_pause: seconds between two attempts while the target is away.
    """

    name: ClassVar[str]
    min_age: ClassVar[float] = 0.0
    final_age: ClassVar[float] = 0.0
    is_due: ClassVar[str] = "true"
    overwrites: ClassVar[bool] = False
    rows_per_run: ClassVar[int] = 10_000
    longest_pause: ClassVar[float] = 30.0

    @abstractmethod
    def handle(self, events: Sequence[Event]) -> None:
        """Handle events, in this order. Returns when the target has accepted them.

        Raises:
            OSError, RedisError, Unavailable: the target is away; the same events come again later.
            Exception: an event is at fault; it is set aside, and those that follow are handled.
        """

    def is_active(self) -> bool:
        """Whether it handles events now. Those that are committed meanwhile are passed over."""
        return True

    def rebuild(self, lag: float) -> bool:
        """Bring the target up to date in another way than by events, if that is due. Called once in each run.

        Parameters:
            lag: age of the oldest event that is not handled, in seconds.

        Returns whether the target now reflects everything that was committed before the call.
        """
        return False
