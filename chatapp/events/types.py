"""Events: facts in the past tense. Each carries a snapshot and its recipients, so that delivery needs no query.

An event is serialised as the fields of its dataclass; each dialect renders it as frames. Timestamps in snapshots are
RFC 3339 texts, because no consumer computes with them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, ClassVar

import orjson

from chatapp.events.snapshots import AttachmentSnapshot, MessageSnapshot, Person


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events.

    Attributes:
        recipients: ids of the users whose sockets receive it.
    """

    kind: ClassVar[str]

    recipients: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ChatChanged(Event):
    """Base of events that increment a chat's `version`. The hub delivers them in that order, each once."""

    chat_id: int
    version: int


@dataclass(frozen=True, slots=True)
class MessageSent(ChatChanged):
    """A message was stored. It implies that its sender has read everything before it."""

    kind = "message_sent"

    message: MessageSnapshot
    origin: str | None = None  # id of the socket that sent it, None for REST


@dataclass(frozen=True, slots=True)
class MessageEdited(ChatChanged):
    """The sender edited the text of a message."""

    kind = "message_edited"

    message: MessageSnapshot


@dataclass(frozen=True, slots=True)
class MessageDeleted(ChatChanged):
    """The sender deleted a message. Its text is erased; its `seq` remains."""

    kind = "message_deleted"

    message_id: int
    deleted_by: int
    deleted_at: str
    deleted_by_uuid: str = ""


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
    def message_id(self) -> int:
        """Id of the message."""
        return self.message.id


@dataclass(frozen=True, slots=True)
class MessageRepeated(Event):
    """A message got files, for clients that know no frame for changed files and receive the message again.

    Follows `AttachmentsUpdated` with the same version. Never leaves the worker that delivers that event.
    """

    kind = "message_repeated"

    chat_id: int
    version: int
    message: MessageSnapshot


@dataclass(frozen=True, slots=True)
class ChatDeleted(ChatChanged):
    """A member deleted the chat. No event of this chat follows."""

    kind = "chat_deleted"

    deleted_by: int
    deleted_by_uuid: str = ""


@dataclass(frozen=True, slots=True)
class ChatRead(Event):
    """A user read a chat up to a message."""

    kind = "chat_read"

    chat_id: int
    version: int  # of the chat at that time; reading does not change it
    reader_id: int
    message_id: int
    up_to_seq: int
    read_at: str
    reader_uuid: str = ""


@dataclass(frozen=True, slots=True)
class TypingChanged(Event):
    """A user started or stopped typing. Never stored."""

    kind = "typing_changed"

    chat_id: int
    version: int
    user_id: int
    is_typing: bool
    user_uuid: str = ""


@dataclass(frozen=True, slots=True)
class PresenceChanged(Event):
    """A user went online or offline. Never stored."""

    kind = "presence_changed"

    user_id: int
    is_online: bool
    last_seen: str | None
    user_uuid: str = ""


@dataclass(frozen=True, slots=True)
class BlockChanged(Event):
    """A user blocked or unblocked another. Sent only to the devices of the former.

    Attributes:
        chat_ids: all chats between the two.
    """

    kind = "block_changed"

    blocked_id: int
    is_blocked: bool
    chat_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ChatSettingsChanged(Event):
    """A user archived, muted or pinned a chat, or undid it."""

    kind = "chat_settings_changed"

    chat_id: int


@dataclass(frozen=True, slots=True)
class UnreadCounted(Event):
    """A user's unread messages over all chats were counted. Never leaves the worker that counted them."""

    kind = "unread_counted"

    count: int


@dataclass(frozen=True, slots=True)
class AccessRevoked(Event):
    """A log-out, ban or erasure: closes the user's sockets. `family_id` limits it to one log-in."""

    kind = "access_revoked"

    family_id: str | None


@dataclass(frozen=True, slots=True)
class ConnectionReplaced(Event):
    """A user opened more sockets than allowed: closes the oldest."""

    kind = "connection_replaced"

    connection_id: str


_ALL: tuple[type[Event], ...] = (
    MessageSent,
    MessageEdited,
    MessageDeleted,
    AttachmentsUpdated,
    MessageRepeated,
    ChatDeleted,
    ChatRead,
    TypingChanged,
    PresenceChanged,
    BlockChanged,
    ChatSettingsChanged,
    UnreadCounted,
    AccessRevoked,
    ConnectionReplaced,
)
_KINDS: dict[str, type[Event]] = {event.kind: event for event in _ALL}


KINDS = tuple(_KINDS)
_TUPLES = {"recipients", "chat_ids"}  # fields that JSON returns as lists


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
    if cls in (MessageSent, MessageEdited, AttachmentsUpdated, MessageRepeated):
        values["message"] = _build(MessageSnapshot, values["message"])
    elif cls is MessageSnapshot:
        values["sender"] = _build(Person, values["sender"])
        values["receiver"] = _build(Person, values["receiver"])
        values["attachments"] = tuple(_build(AttachmentSnapshot, file) for file in values.get("attachments", ()))
    assert is_dataclass(cls)
    return cls(**values)
