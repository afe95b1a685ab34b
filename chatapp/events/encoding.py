"""Events as JSON: on the bus, and in the outbox.

Both are read by the release before and by the next one, so fields are only added, with a default, and unknown kinds and
fields are skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import orjson

from chatapp.events.assistant import (
    AnswerDelta,
    AnswerPartial,
    AnswerState,
    SessionClaimed,
    SessionEnded,
    SessionHandover,
)
from chatapp.events.marks import MessageHidden, MessagePinned, MessageStarred, ReactionChanged
from chatapp.events.moderation import (
    ModerationChanged,
    ShadowMessageDeleted,
    ShadowMessageEdited,
    ShadowMessageSent,
    WarningChanged,
)
from chatapp.events.snapshots import (
    AttachmentSnapshot,
    ChatSettings,
    LinkPreview,
    MessageExtras,
    MessageSnapshot,
    Origin,
    Person,
    Quote,
    Reaction,
    SessionNote,
    SystemNote,
    ViewedMessage,
)
from chatapp.events.types import (
    AccessRevoked,
    AttachmentsUpdated,
    BlockChanged,
    ChatChanged,
    ChatDeleted,
    ChatJoined,
    ChatLeft,
    ChatRead,
    ChatSettingsChanged,
    ConnectionReplaced,
    DraftUpdated,
    Event,
    LinkPreviewUpdated,
    MessageDeleted,
    MessageEdited,
    MessageSent,
    PresenceChanged,
    PrivacyChanged,
    Signal,
    TypingChanged,
)

_TRAVELLING: tuple[type[ChatChanged] | type[Signal], ...] = (
    MessageSent,
    MessageEdited,
    MessageDeleted,
    AttachmentsUpdated,
    LinkPreviewUpdated,
    ReactionChanged,
    MessagePinned,
    ChatDeleted,
    ChatJoined,
    ChatLeft,
    ChatRead,
    TypingChanged,
    PresenceChanged,
    PrivacyChanged,
    BlockChanged,
    ChatSettingsChanged,
    DraftUpdated,
    MessageStarred,
    MessageHidden,
    AccessRevoked,
    ConnectionReplaced,
    WarningChanged,
    ModerationChanged,
    ShadowMessageSent,
    ShadowMessageEdited,
    ShadowMessageDeleted,
    AnswerState,
    AnswerDelta,
    AnswerPartial,
    SessionHandover,
    SessionClaimed,
    SessionEnded,
)
_KINDS: dict[str, type[Event]] = {event.kind: event for event in _TRAVELLING}


# Fields that JSON returns as lists.
_TUPLES = {"recipients", "chat_ids", "larger_chat_ids", "members", "hidden_from", "user_ids", "user_uuids", "parts"}


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
    if cls is ChatSettingsChanged and values.get("settings"):
        values["settings"] = _build(ChatSettings, values["settings"])
    if cls is ReactionChanged:
        values["reactions"] = _reactions(values["reactions"])
    if issubclass(cls, Event) and "message" in known:
        message = values["message"]
        values["message"] = _build(ViewedMessage if "is_read" in message else MessageSnapshot, message)
    elif issubclass(cls, MessageSnapshot):
        # The release before writes the counterpart as `receiver` only.
        receiver = values.pop("receiver", None)
        counterpart = values.get("counterpart", receiver)
        values["sender"] = _build(Person, values["sender"])
        values["counterpart"] = _build(Person, counterpart) if counterpart else None
        values["attachments"] = tuple(_build(AttachmentSnapshot, file) for file in values.get("attachments", ()))
        values["extras"] = _extras(values["extras"]) if values.get("extras") else None
    assert is_dataclass(cls)
    return cls(**values)


def _extras(values: dict[str, Any]) -> MessageExtras:
    """What few messages have. Parts from a newer release are skipped."""
    quote, origin, note = values.get("reply_to"), values.get("forwarded_from"), values.get("system")
    preview = values.get("link_preview")
    return MessageExtras(
        reply_to=_build(Quote, quote) if quote else None,
        mentions=tuple(_build(Person, person) for person in values.get("mentions", ())),
        forwarded_from=_build(Origin, {**origin, "sender": _build(Person, origin["sender"])}) if origin else None,
        link_preview=_build(LinkPreview, preview) if preview else None,
        system=_build(SystemNote, {**note, "users": tuple(_build(Person, user) for user in note["users"])})
        if note
        else None,
        reactions=_reactions(values.get("reactions", ())),
        session=_build(SessionNote, values["session"]) if values.get("session") else None,
    )


def _reactions(values: Sequence[dict[str, Any]]) -> tuple[Reaction, ...]:
    return tuple(_build(Reaction, reaction) for reaction in values)
