"""The chat log: which event each kind of change means.

Live events, repaired gaps and catch-ups are made from the same entries by the same table, so they cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chatapp.events.snapshots import MessageSnapshot
from chatapp.events.types import AttachmentsUpdated, ChatChanged, MessageDeleted, MessageEdited


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A change of a message after it was sent: a row of `message_changes`.

    Attributes:
        version: the version of the chat that the change made.
        actor_id: id of the user who made it.
        detail: what the kind needs beside the message.
    """

    kind: str
    chat_id: int
    version: int
    message_id: int
    actor_id: int
    actor_uuid: str
    created_at: str
    detail: Mapping[str, Any] = field(default_factory=dict)


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


WITH_MESSAGE: Mapping[str, Callable[[Recipients, LogEntry, MessageSnapshot], ChatChanged]] = {
    "edited": _edited,
    "attachments": _attachments_updated,
}
"""Kinds whose events carry the message as it is now."""

WITHOUT_MESSAGE: Mapping[str, Callable[[Recipients, LogEntry], ChatChanged]] = {
    "deleted": _deleted,
}
"""Kinds whose events carry only the entry."""

KINDS = (*WITH_MESSAGE, *WITHOUT_MESSAGE)


def event_of(entry: LogEntry, recipients: Recipients, message: MessageSnapshot | None) -> ChatChanged | None:
    """The event of an entry; None if this release does not know its kind, or its message does not exist any more.

    Parameters:
        message: its message; needed for the kinds of `WITH_MESSAGE` only.
    """
    if entry.kind in WITHOUT_MESSAGE:
        return WITHOUT_MESSAGE[entry.kind](recipients, entry)
    if entry.kind in WITH_MESSAGE and message is not None:
        return WITH_MESSAGE[entry.kind](recipients, entry, message)
    return None
