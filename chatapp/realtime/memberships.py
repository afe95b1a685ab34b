"""The groups of the connected users: who of them receives the events of a group, and who sees only their versions."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable

import gevent

from chatapp.errors import ChatError
from chatapp.events.types import BlockChanged, ChatChanged, Event, MessageChanged, MessageSent
from chatapp.queries.live import LargerChats
from chatapp.realtime.hidden_senders import HiddenSenders

log = logging.getLogger(__name__)


class Memberships:
    """Which groups the connected users are in, from which message on they see them, and whose messages they do not.

    Parameters:
        read: reads a user's groups, and the users that this user blocks.
        hides_blocked: whether groups hide the messages of the latter from the user.
    """

    def __init__(self, read: Callable[[int], LargerChats], *, hides_blocked: bool) -> None:
        self._read = read
        self._hidden_senders = HiddenSenders(is_active=hides_blocked)
        self._chats: dict[int, set[int]] = {}  # groups, by connected user
        # By group, its connected members, each with the id up to which its messages are hidden from the member.
        self._members: dict[int, dict[int, int]] = {}
        self._highest: dict[int, int] = {}  # of these ids of each group: newer messages are hidden from no member
        self._connecting: dict[int, int] = {}  # users whose groups are being read, and how often these have changed

    def connect(self, user_id: int) -> Collection[int]:
        """Read the groups of a user who connects, unless they are known; returns their ids.

        Raises:
            Unavailable: Postgres is away.
        """
        if user_id not in self._chats:
            found = self._current(user_id)
            if user_id not in self._chats:  # else another socket of the user was faster
                self._hidden_senders.put(user_id, found.blocked)
                self._chats[user_id] = set()
                for chat_id, joined_id in found.chats.items():
                    self.add(user_id, chat_id, joined_id)
        return self._chats[user_id]

    def disconnect(self, user_id: int) -> list[int]:
        """Forget a user; returns the groups of which no member is connected any more."""
        self._hidden_senders.forget(user_id)
        left = [*self._chats.get(user_id, ())]
        for chat_id in left:
            self.remove(user_id, chat_id)
        self._chats.pop(user_id, None)
        return [chat_id for chat_id in left if chat_id not in self._members]

    def is_connected(self, user_id: int) -> bool:
        """Whether the groups of a user are known."""
        return user_id in self._chats

    def members_of(self, chat_id: int) -> Collection[int]:
        """The connected members of a group."""
        return self._members.get(chat_id, {}).keys()

    def add(self, user_id: int, chat_id: int, joined_id: int) -> None:
        """A connected user is a member of a group.

        Parameters:
            joined_id: up to which its messages are hidden from the user.
        """
        self._chats[user_id].add(chat_id)
        self._members.setdefault(chat_id, {})[user_id] = joined_id
        self._highest[chat_id] = max(joined_id, self._highest.get(chat_id, 0))

    def remove(self, user_id: int, chat_id: int) -> None:
        """A user is no member of a group any more."""
        self._chats.get(user_id, set()).discard(chat_id)
        members = self._members.get(chat_id, {})
        members.pop(user_id, None)
        if not members:
            self._members.pop(chat_id, None)
            self._highest.pop(chat_id, None)

    def end(self, event: MessageSent) -> None:
        """A system message says who left a group; it does not concern those who have joined again since."""
        for user_id in event.former_members:
            if self._members.get(event.chat_id, {}).get(user_id, event.message.id) < event.message.id:
                self.remove(user_id, event.chat_id)

    def note_change(self, user_ids: Iterable[int]) -> None:
        """The groups of users change: for those who are connecting at the moment, they are read again."""
        for user_id in user_ids:
            if user_id in self._connecting:
                self._connecting[user_id] += 1

    def seeing(self, event: Event, recipients: Collection[int]) -> tuple[Collection[int], Collection[int]]:
        """Those of the recipients of an event of a group who see it, and those who get its version alone.

        The latter block its author, or joined after the message that it is about.
        """
        unseeing = self._hidden_senders.viewers_of(event.author_id)
        if isinstance(event, ChatChanged):
            unseeing = unseeing | self._joined_after(event.chat_id, event.subject_id)
        if not unseeing:
            return recipients, ()
        return (
            [user_id for user_id in recipients if user_id not in unseeing],
            [user_id for user_id in recipients if user_id in unseeing],
        )

    def by_view(self, event: Event, recipients: Collection[int]) -> list[tuple[Event, Collection[int]]]:
        """An event as its recipients see it: some without its quote, because they do not see the quoted message."""
        if event.recipients or not isinstance(event, MessageChanged) or (quote := event.message.quote) is None:
            return [(event, recipients)]
        unseeing = self._hidden_senders.viewers_of(event.quoted_id) | self._joined_after(event.chat_id, quote.id)
        without = [user_id for user_id in recipients if user_id in unseeing]
        if not without:
            return [(event, recipients)]
        return [(event.without_quote(), without), (event, [id for id in recipients if id not in unseeing])]

    def change_block(self, event: BlockChanged) -> None:
        """Hide or show a user at once, then as Postgres says: an event can come again, after a later one."""
        self._hidden_senders.change(event)
        for user_id in event.recipients:
            if user_id in self._chats:
                gevent.spawn(self._confirm_blocks, user_id)

    def _joined_after(self, chat_id: int, message_id: int | None) -> frozenset[int]:
        if message_id is None or message_id > self._highest.get(chat_id, 0):
            return frozenset()
        members = self._members[chat_id].items()
        return frozenset(user_id for user_id, joined_id in members if message_id <= joined_id)

    def _current(self, user_id: int) -> LargerChats:
        self._connecting.setdefault(user_id, 0)
        try:
            while True:
                # What changed during the reading may be missing.
                before = self._hidden_senders.changes, self._connecting.get(user_id)
                found = self._read(user_id)
                if before == (self._hidden_senders.changes, self._connecting.get(user_id)):
                    return found
        finally:
            self._connecting.pop(user_id, None)

    def _confirm_blocks(self, user_id: int) -> None:
        try:
            blocked = self._current(user_id).blocked
        except ChatError as error:
            log.warning("blocks not confirmed", extra={"reason": error.code})
            return
        if user_id in self._chats:
            self._hidden_senders.put(user_id, blocked)
