"""Removes erased data from events: texts and files of deleted messages, profiles of erased users.

A redacted event keeps its version and recipients, so that ordered delivery does not wait for a missing version.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace

from chatapp.events.snapshots import AttachmentSnapshot, MessageSnapshot, Person
from chatapp.events.types import Event, MessageChanged

ERASED_TITLE = "…"
"""What stands for the title of a group that an erased user gave to it."""


def _without_title(message: MessageSnapshot) -> MessageSnapshot:
    """A system message without the title that it says; the rest of it only names users."""
    note = message.system
    if message.extras is None or note is None or note.title is None:
        return message
    return replace(message, extras=replace(message.extras, system=replace(note, title=ERASED_TITLE)))


@dataclass(frozen=True, slots=True)
class Redactions:
    """Data that must not appear in any event.

    Attributes:
        messages: ids of deleted messages.
        attachments: ids of removed files.
        chats: ids of deleted chats.
        people: the profiles shown instead, by ids of erased users.
        authors: ids of erased users whose messages are deleted as well.
    """

    messages: Set[int] = field(default_factory=frozenset)
    attachments: Set[int] = field(default_factory=frozenset)
    chats: Set[int] = field(default_factory=frozenset)
    people: Mapping[int, Person] = field(default_factory=dict)
    authors: Set[int] = field(default_factory=frozenset)

    def __bool__(self) -> bool:
        return bool(self.messages or self.attachments or self.chats or self.people or self.authors)

    def patterns(self) -> list[str]:
        """LIKE patterns for outbox rows (`encoding.to_json`); rows that match none need no redaction."""
        return [
            *(f'%"message":{{"id":{id},%' for id in self.messages),
            *(f'%"reply_to":{{"id":{id},%' for id in self.messages),
            *(f'%{{"id":{id},"message_id":%' for id in self.attachments),
            *(f'%"chat_id":{id},%' for id in self.chats),
            *(f'%"uuid":"{person.uuid}"%' for person in self.people.values()),
            *(f'%"sender":{{"id":{id},%' for id in self.authors),
            *(f'%"sender_id":{id},%' for id in self.authors),
        ]

    def applied_to(self, event: Event) -> Event:
        """The event without erased data; the same object if it contains none."""
        if not isinstance(event, MessageChanged):
            return event
        message = event.message
        if self._covers_text(message):
            message = _without_title(message) if message.system is not None else message.emptied()
        if message.sender.id in self.people and message.client_key is not None:
            message = replace(message, client_key=None)
        if message.quote is not None and (message.quote.id in self.messages or message.quote.sender_id in self.authors):
            message = message.with_quote(message.quote.emptied())
        files = tuple(file for file in message.attachments if not self._covers(file))
        message = replace(
            message.with_people(self.people),
            attachments=files,
            attachments_count=message.attachments_count - (len(message.attachments) - len(files)),
        )
        return event if message == event.message else replace(event, message=message)

    def _covers_text(self, message: MessageSnapshot) -> bool:
        origin = message.extras and message.extras.forwarded_from
        written_by = {message.sender.id, origin.sender.id if origin else message.sender.id}
        return message.id in self.messages or message.chat_id in self.chats or bool(written_by & self.authors)

    def _covers(self, file: AttachmentSnapshot) -> bool:
        return file.id in self.attachments or file.uploader_id in self.people
