"""The chat log: which event each kind of change means.

Live events, repaired gaps and catch-ups are made from the same entries by the same table, so they cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from chatapp.events.assistant import SessionClaimed
from chatapp.events.marks import MessagePinned, ReactionChanged
from chatapp.events.snapshots import MessageSnapshot
from chatapp.events.types import AttachmentsUpdated, ChatChanged, LinkPreviewUpdated, MessageDeleted, MessageEdited


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A change of a message after it was sent: a row of `message_changes`.

    Attributes:
        version: the version of the chat that the change made.
        actor_id: id of the user who made it.
        detail: what the kind needs beside the message.
        hidden_from: ids of the users who have hidden the message from themselves.
    """

    kind: str
    chat_id: int
    version: int
    message_id: int
    actor_id: int
    actor_uuid: str
    created_at: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    hidden_from: tuple[int, ...] = ()


Recipients = tuple[int, ...]


def _edited(recipients: Recipients, entry: LogEntry, message: MessageSnapshot) -> ChatChanged:
    return MessageEdited(recipients, chat_id=entry.chat_id, version=entry.version, message=message)


def _attachments_updated(recipients: Recipients, entry: LogEntry, message: MessageSnapshot) -> ChatChanged:
    return AttachmentsUpdated(
        recipients,
        chat_id=entry.chat_id,
        version=entry.version,
        message=message,
        are_added=entry.detail.get("are_added", True),
    )


def _link_preview_updated(recipients: Recipients, entry: LogEntry, message: MessageSnapshot) -> ChatChanged:
    return LinkPreviewUpdated(recipients, chat_id=entry.chat_id, version=entry.version, message=message)


def _deleted(recipients: Recipients, entry: LogEntry) -> ChatChanged:
    return MessageDeleted(
        recipients,
        chat_id=entry.chat_id,
        version=entry.version,
        message_id=entry.message_id,
        deleted_by=entry.actor_id,
        deleted_at=entry.created_at,
        deleted_by_uuid=entry.actor_uuid,
    )


def _reaction(recipients: Recipients, entry: LogEntry, message: MessageSnapshot, *, is_added: bool) -> ChatChanged:
    return ReactionChanged(
        recipients,
        chat_id=entry.chat_id,
        version=entry.version,
        message_id=message.id,
        sender_id=message.sender.id,
        user_id=entry.actor_id,
        emoji=entry.detail["emoji"],
        is_added=is_added,
        # An event has several viewers.
        reactions=tuple(replace(reaction, is_mine=None) for reaction in message.reactions),
        user_uuid=entry.actor_uuid,
    )


def _pin(recipients: Recipients, entry: LogEntry, message: MessageSnapshot, *, is_pinned: bool) -> ChatChanged:
    return MessagePinned(
        recipients,
        chat_id=entry.chat_id,
        version=entry.version,
        message_id=message.id,
        sender_id=message.sender.id,
        pinned_by=entry.actor_id,
        changed_at=entry.created_at,
        is_pinned=is_pinned,
        pinned_by_uuid=entry.actor_uuid,
    )


WITH_MESSAGE: Mapping[str, Callable[[Recipients, LogEntry, MessageSnapshot], ChatChanged]] = {
    "edited": _edited,
    "attachments": _attachments_updated,
    "link_preview": _link_preview_updated,
    "reaction_added": partial(_reaction, is_added=True),
    "reaction_removed": partial(_reaction, is_added=False),
    "pinned": partial(_pin, is_pinned=True),
    "unpinned": partial(_pin, is_pinned=False),
}
"""Kinds whose events need the message as it is now."""

WITH_TEXT = frozenset({"edited", "attachments", "link_preview"})
"""Those of them whose events carry its text."""


def _claimed(recipients: Recipients, entry: LogEntry) -> ChatChanged:
    return SessionClaimed(recipients, chat_id=entry.chat_id, version=entry.version)


WITHOUT_MESSAGE: Mapping[str, Callable[[Recipients, LogEntry], ChatChanged]] = {
    "deleted": _deleted,
    "claimed": _claimed,
}
"""Kinds whose events carry only the entry."""

KINDS = (*WITH_MESSAGE, *WITHOUT_MESSAGE)


def event_of(entry: LogEntry, recipients: Recipients, message: MessageSnapshot | None) -> ChatChanged | None:
    """The event of an entry; None if this release does not know its kind, or its message does not exist any more.

    Parameters:
        message: its message; needed for the kinds of `WITH_MESSAGE` only.
    """
    event = None
    if entry.kind in WITHOUT_MESSAGE:
        event = WITHOUT_MESSAGE[entry.kind](recipients, entry)
    elif entry.kind in WITH_MESSAGE and message is not None:
        event = WITH_MESSAGE[entry.kind](recipients, entry, message)
    return replace(event, hidden_from=entry.hidden_from) if event is not None and entry.hidden_from else event
