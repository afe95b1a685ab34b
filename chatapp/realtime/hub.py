"""The hub of one worker: which sockets hear which person, and how an event reaches them without waiting for any."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from chatapp.events.bus import bus
from chatapp.events.snapshots import MessageSnapshot
from chatapp.events.types import (
    AccessRevoked,
    AttachmentsUpdated,
    BlockChanged,
    ChatChanged,
    ChatDeleted,
    ChatRead,
    ChatSettingsChanged,
    ConnectionReplaced,
    Event,
    MessageRepeated,
    MessageSent,
    TypingChanged,
)
from chatapp.realtime.closing import Close
from chatapp.realtime.connection import Connection
from chatapp.realtime.framing import text_frame
from chatapp.realtime.ordering import ChatOrder, ReadGap
from chatapp.realtime.unread import UnreadPusher


class Hub:
    """People's connections on this worker.

    Parameters:
        read_gap: reads changes that were lost on the way (see `ordering`).
        unread: pushes counts of unread messages, and conversations that changed.
    """

    def __init__(self, read_gap: ReadGap, unread: UnreadPusher) -> None:
        self._connections: dict[int, dict[str, Connection]] = {}
        self._count = 0
        self._order = ChatOrder(self._push_to_recipients, read_gap, self._heard_since)
        self._unread = unread

    def start(self) -> None:
        """Begin to push unread counts and changed conversations."""
        self._unread.start(self._push_to_recipients)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Connection]:
        for connections in list(self._connections.values()):
            yield from list(connections.values())

    def add(self, connection: Connection) -> None:
        """Let an authenticated connection hear its person's events. Returns when other workers' events come too."""
        user_id = _person(connection)
        self._connections.setdefault(user_id, {})[connection.id] = connection
        self._count += 1
        self._unread.forget(user_id)
        bus.subscribe(user_id)

    def remove(self, connection: Connection) -> None:
        """The connection ended. Safe to call twice."""
        user_id = _person(connection)
        connections = self._connections.get(user_id, {})
        if connections.pop(connection.id, None) is None:
            return
        self._count -= 1
        if not connections:
            del self._connections[user_id]
            self._unread.forget(user_id)
            bus.unsubscribe(user_id)

    def wait_for_acknowledgement(self, connection: Connection, message: MessageSnapshot) -> bool:
        """Wait until a message that is stored was acknowledged over a connection at its place in the chat's order.

        Returns False where it cannot be any more, as when it was sent long ago under the same key: then the caller
        answers. Messages before it may be late, so it may take `ordering.HOLD` and the reading of a gap.
        """
        if connection.acknowledged_id != message.id:
            self._order.wait_until_delivered(message.chat_id, message.sent_version)
        return connection.acknowledged_id == message.id

    def connections_of(self, user_id: int) -> list[Connection]:
        """A person's connections here, oldest first."""
        return sorted(self._connections.get(user_id, {}).values(), key=lambda connection: connection.opened_at)

    def people(self) -> list[int]:
        """Whoever is connected here."""
        return list(self._connections)

    def receive(self, event: Event, via: int | None) -> None:
        """Take an event from the bus. Never blocks.

        Parameters:
            via: the person whose channel it came over; None when it happened on this worker. Changes of chats are the
                same over every channel and are known by their version, other events are taken once per person.
        """
        if isinstance(event, ChatChanged):
            self._order.admit(event)
        elif isinstance(event, AccessRevoked):
            self._revoke(event)
        elif isinstance(event, ConnectionReplaced):
            self._replace(event)
        else:
            if isinstance(event, ChatRead | TypingChanged):
                # They do not move the version: telling another than the last would look like a jump, or a way back.
                event = replace(event, version=self._order.delivered_version(event.chat_id, event.version))
            people = event.recipients if via is None else (via,)
            self._push(event, people)
            self._note(event, people)

    def _push_to_recipients(self, event: Event) -> None:
        self._push(event, event.recipients)
        if isinstance(event, AttachmentsUpdated) and event.are_added:
            repeated = MessageRepeated(event.recipients, event.chat_id, event.version, event.message)
            self._push(repeated, event.recipients)
        self._note(event, event.recipients)

    def _note(self, event: Event, people: Sequence[int]) -> None:
        """Remember whose counts and lists an event changes, of those who are here to be told."""
        here = [user_id for user_id in people if user_id in self._connections]
        if isinstance(event, MessageSent | ChatDeleted):
            self._unread.touch(here)
        elif isinstance(event, ChatRead):
            self._unread.touch([user_id for user_id in here if user_id == event.reader_id])
        chat_ids = _chats_shown_anew(event)
        if chat_ids:
            watching = [user_id for user_id in here if self._is_told_conversations(user_id)]
            self._unread.touch_conversations((user_id, chat_id) for user_id in watching for chat_id in chat_ids)

    def _is_told_conversations(self, user_id: int) -> bool:
        return any(connection.dialect.pushes_conversations for connection in self._connections[user_id].values())

    def _push(self, event: Event, recipients: Sequence[int]) -> None:
        """Render once per dialect, write to each socket; a socket that is full queues, one that is too full closes."""
        frames: dict[str, bytes | None] = {}
        sent = event if isinstance(event, MessageSent) else None
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

    def _heard_since(self, people: Sequence[int], moment: float) -> bool:
        return any(
            connection.opened_at <= moment
            for user_id in people
            for connection in self._connections.get(user_id, {}).values()
        )

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


def _acknowledge(connection: Connection, event: MessageSent) -> bool:
    """Tell a message to the socket that sends it. False: it is told to this socket as to all others.

    The key stands in for the origin where the event has none (read from Postgres) or another one (sent twice at once).
    """
    message = event.message
    if message.sender.id != _person(connection):
        return False
    if connection.acknowledged_id == message.id:
        return True  # ahead of its place, in answer to a repeated key
    if connection.id != event.origin and (
        connection.pending_key is None or connection.pending_key != message.client_key
    ):
        return False
    connection.acknowledged_id = message.id
    connection.write(text_frame(connection.dialect.encode_acknowledgement(event)))
    return True


def _chats_shown_anew(event: Event) -> Iterable[int]:
    """Chats that their members see otherwise in a list after it. One that is deleted is told of by its own event."""
    if isinstance(event, ChatDeleted):
        return ()
    if isinstance(event, ChatChanged | ChatRead | ChatSettingsChanged):
        return (event.chat_id,)
    return event.chat_ids if isinstance(event, BlockChanged) else ()


def _person(connection: Connection) -> int:
    assert connection.actor is not None, "only authenticated connections are in the hub"
    return connection.actor.id


def _family(connection: Connection) -> str | None:
    return None if connection.actor is None else connection.actor.family_id
