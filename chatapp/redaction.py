"""Events without what has been erased since: texts and files that were taken back, profiles of erased people.

An event keeps its place, its version and its recipients, so that nobody who waits for it waits for ever.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace

from chatapp.events import AttachmentsUpdated, Event, MessageEdited, MessageSent
from chatapp.snapshots import AttachmentSnapshot, MessageSnapshot, Person


@dataclass(frozen=True, slots=True)
class Redactions:
    """What is no longer to be found in any event.

    Attributes:
        messages: ids of messages that were taken back.
        attachments: ids of files that were removed.
        chats: ids of chats that were removed.
        people: erased people by their ids, as they are shown now.
    """

    messages: Set[int] = field(default_factory=frozenset)
    attachments: Set[int] = field(default_factory=frozenset)
    chats: Set[int] = field(default_factory=frozenset)
    people: Mapping[int, Person] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.messages or self.attachments or self.chats or self.people)

    def patterns(self) -> list[str]:
        """LIKE patterns, one of which matches every stored event (`events.to_json`) that may have to change."""
        return [
            *(f'%"message":{{"id":{id},%' for id in self.messages),
            *(f'%{{"id":{id},"message_id":%' for id in self.attachments),
            *(f'%"chat_id":{id},%' for id in self.chats),
            *(f'%"uuid":"{person.uuid}"%' for person in self.people.values()),
        ]

    def applied_to(self, event: Event) -> Event:
        """The event without what is to be gone from it; the same one where that is nothing."""
        if not isinstance(event, MessageSent | MessageEdited | AttachmentsUpdated):
            return event
        message = event.message
        if message.id in self.messages or message.chat_id in self.chats:
            message = _emptied(message)
        files = tuple(file for file in message.attachments if not self._covers(file))
        message = replace(
            message,
            sender=self.people.get(message.sender.id, message.sender),
            receiver=self.people.get(message.receiver.id, message.receiver),
            attachments=files,
            attachments_count=message.attachments_count - (len(message.attachments) - len(files)),
        )
        return event if message == event.message else replace(event, message=message)

    def _covers(self, file: AttachmentSnapshot) -> bool:
        return file.id in self.attachments or file.uploader_id in self.people


def _emptied(message: MessageSnapshot) -> MessageSnapshot:
    return replace(message, content="", location=None, attachments=(), attachments_count=0, is_deleted=True)
