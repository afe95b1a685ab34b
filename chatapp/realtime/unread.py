"""Unread counts, pushed live and off the path of any message.

Who got or read something is noted; one greenlet counts for all of them in one query, at most once in `PERIOD`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

import gevent
from gevent.event import Event as Signal

from chatapp.errors import ChatError
from chatapp.events import UnreadCounted

log = logging.getLogger(__name__)

PERIOD = 1.0  # seconds between two counts; people do not read numbers faster


class UnreadPusher:
    """Counts for people whose count may have changed.

    Parameters:
        count: user ids to their unread messages over all chats.
    """

    def __init__(self, count: Callable[[list[int]], dict[int, int]]) -> None:
        self._count = count
        self._touched: set[int] = set()
        self._has_touched = Signal()
        self._told: dict[int, int] = {}
        self._deliver: Callable[[UnreadCounted], None] = lambda event: None

    def start(self, deliver: Callable[[UnreadCounted], None]) -> None:
        """Begin to count, in a greenlet; `deliver` gets each count that differs from the last."""
        self._deliver = deliver
        gevent.spawn(self._run)

    def touch(self, people: Iterable[int]) -> None:
        """Their counts may have changed."""
        self._touched.update(people)
        if self._touched:
            self._has_touched.set()

    def forget(self, user_id: int) -> None:
        """Tell the person anew at the next count, and not at all while nobody listens."""
        self._told.pop(user_id, None)

    def _run(self) -> None:
        while True:
            self._has_touched.wait()
            people, self._touched = list(self._touched), set()
            self._has_touched.clear()
            try:
                counts = self._count(people)
            except ChatError as error:
                log.warning("unread messages could not be counted", extra={"reason": error.code})
                counts = {}
            for user_id, count in counts.items():
                if self._told.get(user_id) != count:
                    self._told[user_id] = count
                    self._deliver(UnreadCounted(recipients=(user_id,), count=count))
            gevent.sleep(PERIOD)
