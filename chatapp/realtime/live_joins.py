"""Users who join or leave a group while they are connected.

A worker receives the channel of a group only while one of its members is connected to it. So an event on the channel of
a user says that the user joined; then this worker subscribes to the group, reads what it has missed, and from there on
delivers in the order of the versions. Signals wait until the first member is admitted: the assistant answers a new
session at once. Who leaves receives nothing from that moment on.

An event can come again, after a later one: what counts is the membership that Postgres has.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace

import gevent

from chatapp.errors import ChatError
from chatapp.events.bus import bus
from chatapp.events.types import ChatChanged, ChatJoined, ChatLeft, ChatSignal, Event
from chatapp.infra.batching import in_batches
from chatapp.queries.live import ConversationJoined, ConversationUpdated
from chatapp.realtime.memberships import Memberships
from chatapp.realtime.ordering import ChatOrder, ReadGap

log = logging.getLogger(__name__)

MISSED_LIMIT = 100  # changes between a join and its delivery; who misses more sees the gap, and catches up
ATTEMPTS = 50  # to read what was missed while no further change arrives
ENTRIES_AT_ONCE = 10  # list entries that one query reads
UNKNOWN_PAUSE = 0.02  # seconds until the order of a chat is looked at again, whose first change is on its way

UserChat = tuple[int, int]


@dataclass(frozen=True, slots=True)
class JoinReads:
    """What is read of Postgres.

    Attributes:
        joined_ids: from a group and users to those who are members, with the id up to which its messages are hidden.
        current_version: of a chat.
        changes_between: the changes of a chat strictly between two versions.
        conversations: the list entries of users.
    """

    joined_ids: Callable[[int, Collection[int]], dict[int, int]]
    current_version: Callable[[int], int]
    changes_between: ReadGap
    conversations: Callable[[Sequence[UserChat]], Sequence[ConversationUpdated]]


@dataclass(frozen=True, slots=True, eq=False)
class _Wanted:
    """A user whose membership is to be read again.

    Attributes:
        event: says that the user joined or left.
        base: the version up to which the sockets of the user need no changes.
    """

    event: ChatJoined | ChatLeft
    base: int


class LiveJoins:
    """Follows who joins and leaves groups.

    Parameters:
        push: delivers an event to some users, as far as they see it.
    """

    def __init__(
        self,
        memberships: Memberships,
        order: ChatOrder,
        reads: JoinReads,
        push: Callable[[Event, Collection[int]], None],
    ) -> None:
        self._memberships = memberships
        self._order = order
        self._reads = reads
        self._push = push
        self._pending: dict[int, dict[int, _Wanted]] = {}  # by chat and user; each chat has one greenlet
        self._held: dict[int, list[ChatSignal]] = {}  # by chat

    def is_pending(self, chat_id: int) -> bool:
        """Whether users are about to join a chat here, so that its subscription is needed."""
        return chat_id in self._pending

    def receive(self, event: ChatJoined | ChatLeft, user_ids: Iterable[int]) -> None:
        """Users have joined or left a group. Never blocks."""
        user_ids = list(user_ids)
        self._memberships.note_change(user_ids)
        for user_id in filter(self._memberships.is_connected, user_ids):
            base = event.version - 1
            if isinstance(event, ChatLeft):
                # If the user has joined again since, this is the last change that reached them.
                base = max(base, self._order.last_version(event.chat_id) or 0)
                self._memberships.remove(user_id, event.chat_id)
            self._confirm(user_id, _Wanted(event, base))

    def hold(self, signal: ChatSignal) -> bool:
        """Keep a signal of a chat until its first member here is admitted; False if it is not waiting for one."""
        if signal.chat_id not in self._pending or self._memberships.members_of(signal.chat_id):
            return False
        self._held.setdefault(signal.chat_id, []).append(signal)
        return True

    def drop(self, chat_id: int) -> None:
        """A group was deleted."""
        for user_id in list(self._memberships.members_of(chat_id)):
            self._memberships.remove(user_id, chat_id)
        gevent.spawn(bus.unsubscribe_chats, [chat_id])

    def _confirm(self, user_id: int, wanted: _Wanted) -> None:
        chat_id = wanted.event.chat_id
        is_running = chat_id in self._pending
        self._pending.setdefault(chat_id, {})[user_id] = wanted
        if not is_running:
            gevent.spawn(self._run, chat_id)

    def _run(self, chat_id: int) -> None:
        try:
            while pending := self._pending[chat_id]:
                batch = dict(pending)
                self._settle(chat_id, batch)
                self._push_held(chat_id)
                for user_id, wanted in batch.items():
                    if pending.get(user_id) is wanted:
                        del pending[user_id]
        except Exception:
            log.exception("members of a chat not updated", extra={"chat_id": chat_id})
        finally:
            del self._pending[chat_id]
            self._held.pop(chat_id, None)
            if not self._memberships.members_of(chat_id):
                bus.unsubscribe_chats([chat_id])

    def _push_held(self, chat_id: int) -> None:
        """Push the signals that were held, except those that a later change has made obsolete."""
        known = self._order.last_version(chat_id)
        for signal in self._held.pop(chat_id, ()):
            if known is not None and not 0 < signal.version < known:
                members = self._memberships.members_of(chat_id)
                self._push(replace(signal, version=known), [user_id for user_id in members if signal.reaches(user_id)])

    def _settle(self, chat_id: int, batch: dict[int, _Wanted]) -> None:
        """Bring the users of a batch to the membership that Postgres has."""
        joined = self._read_joined(chat_id, batch)
        for user_id, wanted in batch.items():
            if isinstance(wanted.event, ChatLeft) and user_id not in joined and self._is_current(user_id, wanted):
                self._push(wanted.event, [user_id])
        arriving = {user_id: batch[user_id] for user_id in joined if self._is_outside(user_id, chat_id)}
        if arriving:
            try:
                self._admit(chat_id, arriving, joined)
            except ChatError as error:
                log.warning("members not admitted", extra={"chat_id": chat_id, "reason": error.code})

    def _read_joined(self, chat_id: int, user_ids: Collection[int]) -> dict[int, int]:
        try:
            return self._reads.joined_ids(chat_id, user_ids)
        except ChatError as error:
            log.warning("membership not read", extra={"chat_id": chat_id, "reason": error.code})
            return {}

    def _admit(self, chat_id: int, arriving: dict[int, _Wanted], joined: dict[int, int]) -> None:
        """Deliver a group to users, from the version on up to which they need no changes."""
        bus.subscribe_chats([chat_id])
        entries = self._read_entries(
            [(user_id, chat_id) for user_id, wanted in arriving.items() if isinstance(wanted.event, ChatJoined)]
        )
        up_to, missed = self._read_missed(chat_id, min(wanted.base for wanted in arriving.values()))
        # Nothing waits from here on, so no change comes between.
        for user_id, wanted in arriving.items():
            if not self._is_current(user_id, wanted) or not self._is_outside(user_id, chat_id):
                continue
            self._memberships.add(user_id, chat_id, joined[user_id])
            base = min(wanted.base, up_to)  # an earlier change may still be on its way
            if user_id in entries:
                self._push(ConversationJoined((user_id,), chat_id, base, entries[user_id].summary), [user_id])
            for change in missed:
                if change.version > base:
                    self._push(change, [user_id])

    def _read_entries(self, wanted: list[UserChat]) -> dict[int, ConversationUpdated]:
        found: dict[int, ConversationUpdated] = {}
        for batch in in_batches(wanted, ENTRIES_AT_ONCE):
            found |= {entry.recipients[0]: entry for entry in self._reads.conversations(batch)}
        return found

    def _read_missed(self, chat_id: int, base: int) -> tuple[int, Sequence[ChatChanged]]:
        """The last version that was delivered here, and the changes after `base` up to it: the next one follows them.

        If no member is connected here, nothing is delivered here: then the current version, where the order begins.
        """
        for _ in range(ATTEMPTS):
            known = self._order.last_version(chat_id)
            is_live = bool(self._memberships.members_of(chat_id))
            if is_live and known is None:
                gevent.sleep(UNKNOWN_PAUSE)
                continue
            up_to = known if is_live and known is not None else self._reads.current_version(chat_id)
            missed = self._reads.changes_between(chat_id, base, up_to + 1, MISSED_LIMIT) if up_to > base else ()
            if self._order.last_version(chat_id) != known:
                continue
            if not is_live:
                self._order.begin(chat_id, up_to)
            return up_to, missed if len(missed) < MISSED_LIMIT else ()
        return base, ()

    def _is_current(self, user_id: int, wanted: _Wanted) -> bool:
        """Whether the user is connected, and no later event says otherwise."""
        is_last = self._pending[wanted.event.chat_id].get(user_id) is wanted
        return is_last and self._memberships.is_connected(user_id)

    def _is_outside(self, user_id: int, chat_id: int) -> bool:
        return self._memberships.is_connected(user_id) and user_id not in self._memberships.members_of(chat_id)
