"""The hub of one worker: which sockets receive the events of which user. It never waits for a socket."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial

from chatapp.events.bus import bus
from chatapp.events.moderation import SentMessage
from chatapp.events.snapshots import MessageSnapshot
from chatapp.events.types import (
    AccessRevoked,
    BlockChanged,
    ChatAdvanced,
    ChatChanged,
    ChatDeleted,
    ChatJoined,
    ChatLeft,
    ChatSignal,
    ConnectionReplaced,
    Event,
    MessageSent,
)
from chatapp.queries.live import LargerChats
from chatapp.realtime.closing import Close
from chatapp.realtime.connection import Connection
from chatapp.realtime.flushing import SLICE, flusher
from chatapp.realtime.framing import text_frame
from chatapp.realtime.gathering import ReactionGatherer
from chatapp.realtime.live_joins import JoinReads, LiveJoins
from chatapp.realtime.memberships import Memberships
from chatapp.realtime.ordering import ChatOrder, ReadGap, ReadStart
from chatapp.realtime.unread import UnreadPusher
from chatapp.realtime.views import views


class Hub:
    """The authenticated connections of this worker, by user.

    Parameters:
        read_gap, read_start: read changes that were lost or overtaken (see `ordering`).
        unread: pushes unread counts and changed conversations.
        read_larger_chats, hides_blocked: see `memberships`.
        join_reads: what is read when a connected user joins a group.
    """

    def __init__(
        self,
        read_gap: ReadGap,
        read_start: ReadStart,
        unread: UnreadPusher,
        read_larger_chats: Callable[[int], LargerChats],
        join_reads: JoinReads,
        *,
        hides_blocked: bool = True,
    ) -> None:
        self._connections: dict[int, dict[str, Connection]] = {}
        self._memberships = Memberships(read_larger_chats, hides_blocked=hides_blocked)
        self._gatherer = ReactionGatherer(self._push_to_audience)
        self._order = ChatOrder(
            self._gatherer.deliver, read_gap, read_start, self._listening_since, lambda: bus.is_connected
        )
        self._joins = LiveJoins(self._memberships, self._order, join_reads, self._push_and_note)
        self._unread = unread

    def start(self) -> None:
        """Start to push unread counts and changed conversations."""
        self._unread.start(self._push_to_audience)

    def add(self, connection: Connection) -> None:
        """Deliver the events of its user to a connection. Returns once events of other workers arrive, too.

        Raises:
            Unavailable: Postgres is away.
        """
        user_id = _user_id(connection)
        self._connections.setdefault(user_id, {})[connection.id] = connection
        self._unread.forget(user_id)
        bus.subscribe(user_id)  # before groups and blocks are read: later changes are received
        chat_ids = self._memberships.connect(user_id)
        if chat_ids:
            bus.subscribe_chats(chat_ids)

    def remove(self, connection: Connection) -> None:
        """Stop delivering to a connection. May be called twice."""
        user_id = _user_id(connection)
        connections = self._connections.get(user_id, {})
        if connections.pop(connection.id, None) is None:
            return
        if not connections:
            del self._connections[user_id]
            self._unread.forget(user_id)
            left = self._memberships.disconnect(user_id)
            bus.unsubscribe(user_id, [chat_id for chat_id in left if not self._joins.is_pending(chat_id)])

    def wait_for_acknowledgement(self, connection: Connection, message: MessageSnapshot) -> bool:
        """Wait until a stored message is acknowledged over a connection, in its place in the order of the chat.

        Returns False if that is no longer possible, for example because the message was sent before under the same key:
        then the caller acknowledges it. Earlier messages may be late, so it may take `ordering.HOLD` and the reading of
        a gap.
        """
        if connection.acknowledged_id != message.id:
            self._order.wait_until_delivered(message.chat_id, message.sent_version)
        return connection.acknowledged_id == message.id

    def has_delivered(self, chat_id: int, version: int) -> bool:
        """Whether a change of the chat after this version was delivered on this worker."""
        return (self._order.last_version(chat_id) or 0) > version

    def connections_of(self, user_id: int) -> list[Connection]:
        """The connections of a user on this worker, oldest first."""
        return sorted(self._connections.get(user_id, {}).values(), key=lambda connection: connection.opened_at)

    def receive(self, event: Event, via: int | None) -> None:
        """Take an event from the bus. Never blocks.

        Parameters:
            via: the user whose channel it came over; None if it was published by this worker, or came over the channel
                of a chat. Changes of chats are deduplicated by their version; other events are delivered to this user
                only.
        """
        if isinstance(event, ChatChanged):
            self._order.admit(event)
        elif isinstance(event, ChatJoined | ChatLeft):
            self._joins.receive(event, event.recipients if via is None else (via,))
        elif isinstance(event, AccessRevoked):
            self._revoke(event)
        elif isinstance(event, ConnectionReplaced):
            self._replace(event)
        else:
            if isinstance(event, BlockChanged):
                self._memberships.change_block(event)
            if not isinstance(event, ChatSignal):
                self._push_received(event, via)
            elif via is not None or event.recipients or not self._joins.hold(event):
                self._order.with_version(event.chat_id, event.version, partial(self._push_signal, event, via))

    def _push_signal(self, event: ChatSignal, via: int | None, version: int) -> None:
        pushed = self._gatherer.pushed_version(event.chat_id, version)
        self._push_received(replace(event, version=pushed), via)

    def _push_received(self, event: Event, via: int | None) -> None:
        self._push_and_note(event, self._audience_here(event) if via is None else (via,))

    def _push_to_audience(self, event: Event) -> None:
        if isinstance(event, MessageSent):
            self._memberships.end(event)  # in the order of the chat, also if `ChatLeft` comes later
        self._push_and_note(event, self._audience_here(event))
        if isinstance(event, ChatDeleted) and not event.recipients:
            self._joins.drop(event.chat_id)

    def _audience_here(self, event: Event) -> Collection[int]:
        """The users whose sockets receive an event; of a chat, those who are connected to this worker."""
        if event.recipients:
            return event.recipients
        chat_id = event.audience.chat_id
        members = () if chat_id is None else self._memberships.members_of(chat_id)
        return [user_id for user_id in members if event.reaches(user_id)]

    def _push_and_note(self, event: Event, recipients: Collection[int]) -> None:
        """Push an event and its notices; schedule a push of the counts and list entries that it changes."""
        seeing: list[int] = []
        for seen, viewers in views(event, recipients, self._memberships):
            self._push(seen, viewers)
            for notice in seen.notices():
                self._push(notice, viewers)
            if not isinstance(seen, ChatAdvanced):
                seeing += [user_id for user_id in viewers if user_id in self._connections]
        recounted = event.recounted_among(seeing)
        if recounted:
            self._unread.schedule_counts(recounted)
        chat_ids = event.relisted_chats
        if chat_ids:
            here = [user_id for user_id in recipients if user_id in self._connections]
            watching = [user_id for user_id in here if self._wants_conversations(user_id)]
            self._unread.schedule_conversations((user_id, chat_id) for user_id in watching for chat_id in chat_ids)

    def _wants_conversations(self, user_id: int) -> bool:
        return any(connection.dialect.pushes_conversations for connection in self._connections[user_id].values())

    def _push(self, event: Event, recipients: Collection[int]) -> None:
        """Render the event once per dialect and write it to each socket. A slow client's queues or closes."""
        if len(recipients) <= SLICE:
            self._write(event, recipients)
            return
        with flusher.slicing():
            self._write(event, recipients)

    def _write(self, event: Event, recipients: Collection[int]) -> None:
        frames: dict[str, bytes | None] = {}
        sent = event if isinstance(event, SentMessage) else None
        for user_id in recipients:
            for connection in list(self._connections.get(user_id, {}).values()):
                dialect = connection.dialect
                if sent is not None and dialect.acknowledges_in_order and _acknowledge(connection, sent):
                    continue
                if dialect.name not in frames:
                    payload = dialect.encode(event)
                    frames[dialect.name] = None if payload is None else text_frame(payload)
                frame = frames[dialect.name]
                if frame is not None:
                    connection.write(frame)

    def _listening_since(self, event: ChatChanged) -> float | None:
        opened = (
            connection.opened_at
            for user_id in self._audience_here(event)
            for connection in self._connections.get(user_id, {}).values()
        )
        return min(opened, default=None)

    def _revoke(self, event: AccessRevoked) -> None:
        for user_id in event.recipients:
            for connection in self.connections_of(user_id):
                if event.family_id is None or event.family_id == _family(connection):
                    connection.close(Close.UNAUTHORISED)

    def _replace(self, event: ConnectionReplaced) -> None:
        for user_id in event.recipients:
            connection = self._connections.get(user_id, {}).get(event.connection_id)
            if connection is not None:
                connection.close(Close.REPLACED)


def _acknowledge(connection: Connection, event: SentMessage) -> bool:
    """Acknowledge a message if this socket sent it. Returns False if the socket gets the event like all others.

    The idempotency key identifies the sender where the event has no origin (it was read from Postgres) or another one
    (the message was sent over two sockets at once).
    """
    message = event.message
    if message.sender.id != _user_id(connection):
        return False
    if connection.acknowledged_id == message.id:
        return True  # acknowledged early, in response to a repeated key
    is_origin = connection.id == event.origin
    if not is_origin and (connection.pending_key is None or connection.pending_key != message.client_key):
        return False
    connection.acknowledged_id = message.id
    connection.write(text_frame(connection.dialect.encode_acknowledgement(event)))
    return True


def _user_id(connection: Connection) -> int:
    assert connection.actor is not None, "only authenticated connections are in the hub"
    return connection.actor.id


def _family(connection: Connection) -> str | None:
    return None if connection.actor is None else connection.actor.family_id
