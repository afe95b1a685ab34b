"""Facts, in the past tense: each carries a snapshot and its recipients, so that delivery never asks the database.

An event travels in one neutral form, the fields of its dataclass; dialects turn it into frames. Timestamps in
snapshots are RFC 3339 texts already, since no reader computes with them.
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
        recipients: ids of the people whose sockets hear it.
    """

    kind: ClassVar[str]

    recipients: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ChatChanged(Event):
    """Base of what moves a chat's `version` by one; the hub delivers these in that order, each once."""

    chat_id: int
    version: int


@dataclass(frozen=True, slots=True)
class MessageSent(ChatChanged):
    """A message was stored. It also says that its sender has read everything before it."""

    kind = "message_sent"

    message: MessageSnapshot
    origin: str | None = None  # id of the socket it came over, None for REST


@dataclass(frozen=True, slots=True)
class MessageEdited(ChatChanged):
    """The author changed a message's text."""

    kind = "message_edited"

    message: MessageSnapshot


@dataclass(frozen=True, slots=True)
class MessageDeleted(ChatChanged):
    """The author took a message back: its text is gone, its place stays."""

    kind = "message_deleted"

    message_id: int
    deleted_by: int
    deleted_at: str
    deleted_by_uuid: str = ""


@dataclass(frozen=True, slots=True)
class AttachmentsUpdated(ChatChanged):
    """Files were added to a message or taken from it; `message.attachments` are those that it has now.

    Attributes:
        are_added: False where files were only taken away; what is read from Postgres counts as added.
    """

    kind = "attachments_updated"

    message: MessageSnapshot
    are_added: bool = True

    @property
    def message_id(self) -> int:
        """Of the message."""
        return self.message.id


@dataclass(frozen=True, slots=True)
class MessageRepeated(Event):
    """A message has files that it did not have before, for clients that know no other news of messages than new ones.

    Follows `AttachmentsUpdated` with the same version. Stays on the worker that delivers that.
    """

    kind = "message_repeated"

    chat_id: int
    version: int
    message: MessageSnapshot


@dataclass(frozen=True, slots=True)
class ChatDeleted(ChatChanged):
    """A member removed the chat for good; nothing of it can follow."""

    kind = "chat_deleted"

    deleted_by: int
    deleted_by_uuid: str = ""


@dataclass(frozen=True, slots=True)
class ChatRead(Event):
    """A person read a chat up to a message, and everything before it."""

    kind = "chat_read"

    chat_id: int
    version: int  # of the chat at that moment; reading does not move it
    reader_id: int
    message_id: int
    up_to_seq: int
    read_at: str
    reader_uuid: str = ""


@dataclass(frozen=True, slots=True)
class TypingChanged(Event):
    """A person began or ceased to type. Never stored."""

    kind = "typing_changed"

    chat_id: int
    version: int
    user_id: int
    is_typing: bool
    user_uuid: str = ""


@dataclass(frozen=True, slots=True)
class PresenceChanged(Event):
    """A person came online or left. Never stored."""

    kind = "presence_changed"

    user_id: int
    is_online: bool
    last_seen: str | None
    user_uuid: str = ""


@dataclass(frozen=True, slots=True)
class BlockChanged(Event):
    """A person blocked another, or no longer does. Told to that person's devices alone.

    Attributes:
        chat_ids: all chats of the two.
    """

    kind = "block_changed"

    blocked_id: int
    is_blocked: bool
    chat_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ChatSettingsChanged(Event):
    """A person archived, muted or pinned a chat for themselves, or took that back."""

    kind = "chat_settings_changed"

    chat_id: int


@dataclass(frozen=True, slots=True)
class UnreadCounted(Event):
    """A person's unread messages over all chats were counted anew. Stays on the worker that counted."""

    kind = "unread_counted"

    count: int


@dataclass(frozen=True, slots=True)
class AccessRevoked(Event):
    """Log-out, ban or removal: sockets of the person end. `family_id` limits it to one log-in."""

    kind = "access_revoked"

    family_id: str | None


@dataclass(frozen=True, slots=True)
class ConnectionReplaced(Event):
    """A person opened one socket more than allowed: the oldest ends."""

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
_TUPLES = {"recipients", "chat_ids"}  # fields that come back from JSON as lists


def encode(events: Sequence[Event], origin_worker: str) -> bytes:
    """The neutral form: the worker that tells it, a line feed, a JSON list of `[kind, fields]`."""
    return origin_worker.encode() + b"\n" + to_json(events)


def to_json(events: Sequence[Event]) -> bytes:
    """The events alone as a JSON list, as the outbox keeps them."""
    return orjson.dumps([(event.kind, event) for event in events])


def origin_of(data: bytes) -> str:
    """Which worker told it; cheap, so that a worker drops its own echo unread."""
    return data[: data.index(b"\n")].decode()


def decode(data: bytes) -> list[Event]:
    """The events of `encode`. Kinds of a newer release are passed over, so that a rolling deploy breaks nothing."""
    return from_json(data[data.index(b"\n") + 1 :])


def from_json(text: bytes | str) -> list[Event]:
    """The events of `to_json`."""
    return [_build(_KINDS[kind], values) for kind, values in orjson.loads(text) if kind in _KINDS]


def changed_json(text: str, change: Callable[[Event], Event]) -> str | None:
    """The text of `to_json` with events replaced by what `change` makes of them; None where it returns each as it was.

    Kinds of a newer release stay as they are.
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
