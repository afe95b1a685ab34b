"""Pushes unread counts and changed conversations to the lists of users, outside the path of any message.

Changes are only recorded; one greenlet reads the current values for all of them, at most once in `PERIOD`. Since it
pushes current values, it does not matter how many changes a push covers, or whether one is pushed twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence

import gevent
from gevent.event import Event as Signal

from chatapp.errors import ChatError
from chatapp.events.types import Notice, UnreadCounted
from chatapp.infra import fair_scheduling
from chatapp.infra.batching import in_batches

log = logging.getLogger(__name__)

PERIOD = 1.0  # seconds between two pushes; users do not read numbers faster
# Pushed before other greenlets run, so that no message waits longer than for one batch.
CONVERSATIONS_AT_ONCE = 10
COUNTS_AT_ONCE = 50

UserChat = tuple[int, int]  # ids of a user and of one of their chats

Count = Callable[[list[int]], dict[int, int]]
ReadConversations = Callable[[Sequence[UserChat]], Sequence[Notice]]


class UnreadPusher:
    """Pushes what has changed for connected users.

    Parameters:
        count: from user ids to their unread messages over all chats.
        read_conversations: from users and chats to events, each with the list entry of one chat for one user.
    """

    def __init__(self, count: Count, read_conversations: ReadConversations) -> None:
        self._count = count
        self._read_conversations = read_conversations
        self._users: set[int] = set()  # whose count may have changed
        self._conversations: dict[UserChat, None] = {}  # in the order of their latest changes
        self._has_work = Signal()
        self._pushed: dict[int, int] = {}  # the last count of each user
        self._deliver: Callable[[Notice], None] = lambda notice: None

    def start(self, deliver: Callable[[Notice], None]) -> None:
        """Start the greenlet; `deliver` gets each count that differs from the last, and each conversation."""
        self._deliver = deliver
        gevent.spawn(self._run)

    def schedule_counts(self, user_ids: Iterable[int]) -> None:
        """Push the counts of users, which may have changed."""
        self._users.update(user_ids)
        if self._users:
            self._has_work.set()

    def schedule_conversations(self, conversations: Iterable[UserChat]) -> None:
        """Push the list entries of chats, which may have changed for these users."""
        for conversation in conversations:
            self._conversations.pop(conversation, None)
            self._conversations[conversation] = None
        if self._conversations:
            self._has_work.set()

    def forget(self, user_id: int) -> None:
        """Push the next count of a user even if it is the same as the last."""
        self._pushed.pop(user_id, None)

    def _run(self) -> None:
        while True:
            self._has_work.wait()
            self._has_work.clear()
            try:
                self._push_conversations()
                self._push_counts()
            except ChatError as error:
                log.warning("unread messages not counted, will retry", extra={"reason": error.code})
                self._has_work.set()
            except Exception:
                log.exception("unread messages not pushed")
            gevent.sleep(PERIOD)

    def _push_counts(self) -> None:
        users, self._users = self._users, set()
        if not users:
            return
        try:
            counts = self._count(list(users))
        except ChatError:
            self._users |= users
            raise
        for batch in in_batches(counts.items(), COUNTS_AT_ONCE):
            for user_id, count in batch:
                if self._pushed.get(user_id) != count:
                    self._pushed[user_id] = count
                    self._deliver(UnreadCounted(recipients=(user_id,), count=count))
            fair_scheduling.yield_to_loop()

    def _push_conversations(self) -> None:
        changed, self._conversations = self._conversations, {}
        try:
            for batch in in_batches(changed, CONVERSATIONS_AT_ONCE):
                for event in self._read_conversations(batch):
                    self._deliver(event)
                fair_scheduling.yield_to_loop()
        except ChatError:
            self._conversations = {**changed, **self._conversations}
            raise
