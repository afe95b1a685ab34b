"""Events: facts in the past tense. Each carries a snapshot and its recipients, so that delivery needs no query.

There are three families. `ChatChanged`: changes that a chat's version orders and its log keeps. `Signal`: what matters
only now, such as typing and reading; a client that misses one sees the current state anyway. `Notice`: what a worker
makes for its own sockets, and never leaves it.

An event is serialised as the fields of its dataclass; each dialect renders it as frames. Timestamps in snapshots are
RFC 3339 texts, because no consumer computes with them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, ClassVar

import orjson

from chatapp.events.snapshots import AttachmentSnapshot, MessageSnapshot, Person, ViewedMessage


@dataclass(frozen=True, slots=True)
class Audience:
    """Whose sockets receive an event: those of some people, or of all members of a chat.

    Attributes:
        chat_id: of a chat of more than two members. A chat of two is addressed by its people: a worker that subscribed
            to the chats of its users instead would subscribe to all their chats.
    """

    people: tuple[int, ...] = ()
    chat_id: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events.

    Attributes:
        recipients: ids of the users whose sockets receive it. For an event of a chat, none means all its members.
    """

    kind: ClassVar[str]

    recipients: tuple[int, ...]

    @property
    def audience(self) -> Audience:
        """Whose sockets receive it."""
        return Audience(people=self.recipients)

    def reaches(self, user_id: int) -> bool:
        """Whether a user of the audience receives it."""
        return True

    @property
    def author_id(self) -> int | None:
        """Its author: in a larger chat, members who block this user do not see it. None if all members see it."""
        return None

    @property
    def relisted_chats(self) -> tuple[int, ...]:
        """Ids of the chats that look different in the lists of the recipients."""
        return ()

    def recounted_among(self, user_ids: Sequence[int]) -> Sequence[int]:
        """Those of these recipients whose number of unread messages may have changed."""
        return ()

    def notices(self) -> Sequence[Notice]:
        """What each worker delivers to its sockets after this event."""
        return ()


@dataclass(frozen=True, slots=True)
class ChatChanged(Event):
    """Base of events that increment a chat's `version`. The hub delivers them in that order, each once."""

    chat_id: int
    version: int

    @property
    def audience(self) -> Audience:
        """The recipients, or the members of the chat."""
        return _audience_of_chat(self.recipients, self.chat_id)

    @property
    def relisted_chats(self) -> tuple[int, ...]:
        """The chat; none if it is a larger one, whose entry would be read once for every member."""
        return (self.chat_id,) if self.recipients else ()


@dataclass(frozen=True, slots=True)
class Signal(Event):
    """Base of events that no version orders: delivered as they arrive, and not again after a loss."""


@dataclass(frozen=True, slots=True)
class ChatSignal(Signal):
    """Base of signals in a chat.

    Attributes:
        version: of the chat at that time, which the signal does not change. The hub delivers the version that was last
            delivered instead, because any other would look like a gap or a reversal.
    """

    chat_id: int
    version: int

    @property
    def audience(self) -> Audience:
        """The recipients, or the members of the chat."""
        return _audience_of_chat(self.recipients, self.chat_id)


@dataclass(frozen=True, slots=True)
class Notice(Event):
    """Base of events that never leave their worker: the bus delivers them to its own sockets only."""


@dataclass(frozen=True, slots=True)
class MessageSent(ChatChanged):
    """A message was stored. It implies that its sender has read everything before it."""

    kind = "message_sent"

    message: MessageSnapshot
    origin: str | None = None  # id of the socket that sent it, None for REST

    @property
    def author_id(self) -> int:
        """The sender."""
        return self.message.sender.id

    def recounted_among(self, user_ids: Sequence[int]) -> Sequence[int]:
        """All of them: one unread message more, or none for the sender."""
        return user_ids


@dataclass(frozen=True, slots=True)
class MessageEdited(ChatChanged):
    """The sender edited the text of a message."""

    kind = "message_edited"

    message: MessageSnapshot

    @property
    def author_id(self) -> int:
        """The sender."""
        return self.message.sender.id


@dataclass(frozen=True, slots=True)
class MessageDeleted(ChatChanged):
    """The sender deleted a message. Its text is erased; its `seq` remains."""

    kind = "message_deleted"

    message_id: int
    deleted_by: int
    deleted_at: str
    deleted_by_uuid: str = ""

    @property
    def author_id(self) -> int:
        """The sender: no one else deletes a message."""
        return self.deleted_by


@dataclass(frozen=True, slots=True)
class AttachmentsUpdated(ChatChanged):
    """Files were added to a message or removed; `message.attachments` are the current ones.

    Attributes:
        are_added: False if files were only removed; True for events read from Postgres.
    """

    kind = "attachments_updated"

    message: MessageSnapshot
    are_added: bool = True

    @property
    def author_id(self) -> int:
        """The sender."""
        return self.message.sender.id

    @property
    def message_id(self) -> int:
        """Id of the message."""
        return self.message.id

    def notices(self) -> Sequence[Notice]:
        """The message again, if it got files."""
        if not self.are_added:
            return ()
        return (MessageRepeated(self.recipients, self.chat_id, self.version, self.message),)


@dataclass(frozen=True, slots=True)
class MessageRepeated(Notice):
    """A message got files, for clients that know no frame for changed files and receive the message again.

    Follows `AttachmentsUpdated` with the same version.
    """

    kind = "message_repeated"

    chat_id: int
    version: int
    message: MessageSnapshot


@dataclass(frozen=True, slots=True)
class ChatDeleted(ChatChanged):
    """A member deleted the chat. No event of this chat follows.

    Attributes:
        members: ids of all members of a larger chat, which are stored nowhere else any more.
    """

    kind = "chat_deleted"

    deleted_by: int
    deleted_by_uuid: str = ""
    members: tuple[int, ...] = ()

    @property
    def relisted_chats(self) -> tuple[int, ...]:
        """None: this event itself removes the chat from lists."""
        return ()

    def recounted_among(self, user_ids: Sequence[int]) -> Sequence[int]:
        """All of them: what was unread in the chat is gone."""
        return user_ids


@dataclass(frozen=True, slots=True)
class ChatRead(ChatSignal):
    """A user read a chat up to a message."""

    kind = "chat_read"

    reader_id: int
    message_id: int
    up_to_seq: int
    read_at: str
    reader_uuid: str = ""

    @property
    def author_id(self) -> int:
        """The reader."""
        return self.reader_id

    @property
    def relisted_chats(self) -> tuple[int, ...]:
        """The chat: its unread messages, or the receipt of its last message."""
        return (self.chat_id,)

    def recounted_among(self, user_ids: Sequence[int]) -> Sequence[int]:
        """The reader."""
        return [user_id for user_id in user_ids if user_id == self.reader_id]


@dataclass(frozen=True, slots=True)
class TypingChanged(ChatSignal):
    """A user started or stopped typing. Never stored."""

    kind = "typing_changed"

    user_id: int
    is_typing: bool
    user_uuid: str = ""

    @property
    def author_id(self) -> int:
        """The user who types."""
        return self.user_id

    def reaches(self, user_id: int) -> bool:
        """Everyone but the user who types."""
        return user_id != self.user_id


@dataclass(frozen=True, slots=True)
class PresenceChanged(Signal):
    """A user went online or offline. Never stored."""

    kind = "presence_changed"

    user_id: int
    is_online: bool
    last_seen: str | None
    user_uuid: str = ""


@dataclass(frozen=True, slots=True)
class BlockChanged(Signal):
    """A user blocked or unblocked another. Sent only to the devices of the former.

    Attributes:
        chat_ids: all chats between the two.
        larger_chat_ids: the larger chats of both, where messages of the blocked user are hidden, or not any more.
    """

    kind = "block_changed"

    blocked_id: int
    is_blocked: bool
    chat_ids: tuple[int, ...]
    larger_chat_ids: tuple[int, ...] = ()

    @property
    def relisted_chats(self) -> tuple[int, ...]:
        """All chats between the two."""
        return self.chat_ids

    def recounted_among(self, user_ids: Sequence[int]) -> Sequence[int]:
        """The user who blocks, if some messages count no more, or count again."""
        return user_ids if self.larger_chat_ids else ()


@dataclass(frozen=True, slots=True)
class ChatSettingsChanged(Signal):
    """A user archived, muted or pinned a chat, or undid it."""

    kind = "chat_settings_changed"

    chat_id: int

    @property
    def relisted_chats(self) -> tuple[int, ...]:
        """The chat."""
        return (self.chat_id,)


@dataclass(frozen=True, slots=True)
class ChatAdvanced(Notice):
    """Changes of a chat that the recipients do not see: a chat's version moves on for them, too.

    Attributes:
        from_version, version: the first and the last of these changes, between which are no others.
    """

    kind = "chat_advanced"

    chat_id: int
    from_version: int
    version: int


@dataclass(frozen=True, slots=True)
class UnreadCounted(Notice):
    """A user's unread messages over all chats were counted."""

    kind = "unread_counted"

    count: int


@dataclass(frozen=True, slots=True)
class AccessRevoked(Signal):
    """A log-out, ban or erasure: closes the user's sockets. `family_id` limits it to one log-in."""

    kind = "access_revoked"

    family_id: str | None


@dataclass(frozen=True, slots=True)
class ConnectionReplaced(Signal):
    """A user opened more sockets than allowed: closes the oldest."""

    kind = "connection_replaced"

    connection_id: str


_TRAVELLING: tuple[type[ChatChanged] | type[Signal], ...] = (
    MessageSent,
    MessageEdited,
    MessageDeleted,
    AttachmentsUpdated,
    ChatDeleted,
    ChatRead,
    TypingChanged,
    PresenceChanged,
    BlockChanged,
    ChatSettingsChanged,
    AccessRevoked,
    ConnectionReplaced,
)
_KINDS: dict[str, type[Event]] = {event.kind: event for event in _TRAVELLING}


_TUPLES = {"recipients", "chat_ids", "larger_chat_ids", "members"}  # fields that JSON returns as lists


def _audience_of_chat(recipients: tuple[int, ...], chat_id: int) -> Audience:
    return Audience(people=recipients) if recipients else Audience(chat_id=chat_id)


def encode(events: Sequence[Event], origin_worker: str) -> bytes:
    """The wire format of the bus: the publishing worker's id, a line feed, and the list of `to_json`."""
    return origin_worker.encode() + b"\n" + to_json(events)


def to_json(events: Sequence[Event]) -> bytes:
    """Events as a JSON list of `[kind, fields]`, as stored in the outbox."""
    return orjson.dumps([(event.kind, event) for event in events])


def origin_of(data: bytes) -> str:
    """The id of the publishing worker, without parsing the events: a worker skips its own."""
    return data[: data.index(b"\n")].decode()


def decode(data: bytes) -> list[Event]:
    """Reverse `encode`. Unknown kinds, from a newer release during a rolling deploy, are skipped."""
    return from_json(data[data.index(b"\n") + 1 :])


def from_json(text: bytes | str) -> list[Event]:
    """Reverse `to_json`, skipping unknown kinds."""
    return [_build(_KINDS[kind], values) for kind, values in orjson.loads(text) if kind in _KINDS]


def changed_json(text: str, change: Callable[[Event], Event]) -> str | None:
    """Apply `change` to each event in a text of `to_json`; returns the new text, None if no event changed.

    Events of unknown kinds are kept unchanged.
    """
    stored = orjson.loads(text)
    is_changed = False
    for entry in stored:
        if entry[0] not in _KINDS:
            continue
        event: Event = _build(_KINDS[entry[0]], entry[1])
        changed = change(event)
        if changed is not event:
            entry[1], is_changed = changed, True
    return orjson.dumps(stored).decode() if is_changed else None


def _build(cls: type[Any], values: dict[str, Any]) -> Any:
    known = {field.name for field in fields(cls)}
    values = {name: value for name, value in values.items() if name in known}
    for name in _TUPLES & values.keys():
        values[name] = tuple(values[name])
    if cls in (MessageSent, MessageEdited, AttachmentsUpdated):
        message = values["message"]
        values["message"] = _build(ViewedMessage if "is_read" in message else MessageSnapshot, message)
    elif issubclass(cls, MessageSnapshot):
        # The release before writes the counterpart as `receiver` only.
        receiver = values.pop("receiver", None)
        counterpart = values.get("counterpart", receiver)
        values["sender"] = _build(Person, values["sender"])
        values["counterpart"] = _build(Person, counterpart) if counterpart else None
        values["attachments"] = tuple(_build(AttachmentSnapshot, file) for file in values.get("attachments", ()))
    assert is_dataclass(cls)
    return cls(**values)
