"""What people's lists show, pushed live and off the path of any message: unread counts, and conversations that changed.

Who got or read something is noted; one greenlet reads for all of them at once, at most once in `PERIOD`. What it tells
are the values as they stand then, so it does not matter how many changes it told together, or that one was told twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence

import gevent
from gevent.event import Event as Signal

from chatapp.errors import ChatError
from chatapp.events.types import Event, UnreadCounted
from chatapp.infra import fair_scheduling
from chatapp.infra.batching import in_batches

log = logging.getLogger(__name__)

PERIOD = 1.0  # seconds between two looks; people do not read numbers faster
# So much is read and told before others get the loop: no message waits longer than for one such piece.
PLACES_AT_ONCE = 10
COUNTS_AT_ONCE = 50

Place = tuple[int, int]  # a person, and a chat of theirs

Count = Callable[[list[int]], dict[int, int]]
ReadConversations = Callable[[Sequence[Place]], Sequence[Event]]


class UnreadPusher:
    """Counts for people whose count may have changed, and tells them of conversations that did.

    Parameters:
        count: user ids to their unread messages over all chats.
        read_conversations: places to events, each of which shows one person one of their chats.
    """

    def __init__(self, count: Count, read_conversations: ReadConversations) -> None:
        self._count = count
        self._read_conversations = read_conversations
        self._touched: set[int] = set()
        self._changed: dict[Place, None] = {}  # in the order of the changes, each once
        self._has_work = Signal()
        self._told: dict[int, int] = {}
        self._deliver: Callable[[Event], None] = lambda event: None

    def start(self, deliver: Callable[[Event], None]) -> None:
        """Begin to look, in a greenlet; `deliver` gets each count that differs from the last, and each conversation."""
        self._deliver = deliver
        gevent.spawn(self._run)

    def touch(self, people: Iterable[int]) -> None:
        """Their counts may have changed."""
        self._touched.update(people)
        if self._touched:
            self._has_work.set()

    def touch_conversations(self, places: Iterable[Place]) -> None:
        """What these people see of these chats in their lists may have changed."""
        for place in places:
            self._changed.pop(place, None)
            self._changed[place] = None
        if self._changed:
            self._has_work.set()

    def forget(self, user_id: int) -> None:
        """Tell the person anew at the next count, and not at all while nobody listens."""
        self._told.pop(user_id, None)

    def _run(self) -> None:
        while True:
            self._has_work.wait()
            self._has_work.clear()
            try:
                self._tell_conversations()
                self._tell_counts()
            except ChatError as error:
                # What was noted still is; it is told once Postgres is back.
                log.warning("unread messages could not be counted", extra={"reason": error.code})
                self._has_work.set()
            except Exception:
                log.exception("unread messages could not be told")
            gevent.sleep(PERIOD)

    def _tell_counts(self) -> None:
        people, self._touched = self._touched, set()
        if not people:
            return
        try:
            counts = self._count(list(people))
        except ChatError:
            self._touched |= people
            raise
        for batch in in_batches(counts.items(), COUNTS_AT_ONCE):
            for user_id, count in batch:
                if self._told.get(user_id) != count:
                    self._told[user_id] = count
                    self._deliver(UnreadCounted(recipients=(user_id,), count=count))
            fair_scheduling.yield_to_loop()

    def _tell_conversations(self) -> None:
        changed, self._changed = self._changed, {}
        try:
            for batch in in_batches(changed, PLACES_AT_ONCE):
                for event in self._read_conversations(batch):
                    self._deliver(event)
                fair_scheduling.yield_to_loop()
        except ChatError:
            self._changed = {**changed, **self._changed}
            raise
