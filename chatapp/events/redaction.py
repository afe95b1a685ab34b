"""Removes erased data from events: texts and files of deleted messages, profiles of erased users.

A redacted event keeps its version and recipients, so that ordered delivery does not wait for a missing version.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace

from chatapp.events.snapshots import AttachmentSnapshot, MessageSnapshot, Person
from chatapp.events.types import AttachmentsUpdated, Event, MessageEdited, MessageSent


@dataclass(frozen=True, slots=True)
class Redactions:
    """Data that must not appear in any event.

    Attributes:
        messages: ids of deleted messages.
        attachments: ids of removed files.
        chats: ids of deleted chats.
        people: the profiles shown instead, by ids of erased users.
    """

    messages: Set[int] = field(default_factory=frozenset)
    attachments: Set[int] = field(default_factory=frozenset)
    chats: Set[int] = field(default_factory=frozenset)
    people: Mapping[int, Person] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.messages or self.attachments or self.chats or self.people)

    def patterns(self) -> list[str]:
        """LIKE patterns for outbox rows (`types.to_json`); rows that match none need no redaction."""
        return [
            *(f'%"message":{{"id":{id},%' for id in self.messages),
            *(f'%{{"id":{id},"message_id":%' for id in self.attachments),
            *(f'%"chat_id":{id},%' for id in self.chats),
            *(f'%"uuid":"{person.uuid}"%' for person in self.people.values()),
        ]

    def applied_to(self, event: Event) -> Event:
        """The event without erased data; the same object if it contains none."""
        if not isinstance(event, MessageSent | MessageEdited | AttachmentsUpdated):
            return event
        message = event.message
        if message.id in self.messages or message.chat_id in self.chats:
            message = _emptied(message)
        files = tuple(file for file in message.attachments if not self._covers(file))
        message = replace(
            message,
            sender=self._shown(message.sender),
            counterpart=message.counterpart and self._shown(message.counterpart),
            attachments=files,
            attachments_count=message.attachments_count - (len(message.attachments) - len(files)),
        )
        return event if message == event.message else replace(event, message=message)

    def _shown(self, person: Person) -> Person:
        return self.people.get(person.id, person)

    def _covers(self, file: AttachmentSnapshot) -> bool:
        return file.id in self.attachments or file.uploader_id in self.people


def _emptied(message: MessageSnapshot) -> MessageSnapshot:
    return replace(message, content="", location=None, attachments=(), attachments_count=0, is_deleted=True)
