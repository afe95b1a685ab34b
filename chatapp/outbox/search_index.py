"""Brings changes of messages into the search index: edits, files, deletions. `search_follower` finds new messages."""

from __future__ import annotations

from collections.abc import Sequence

from chatapp.events.types import AttachmentsUpdated, ChatDeleted, Event, MessageDeleted, MessageEdited
from chatapp.outbox import search_writer
from chatapp.outbox.consumer import Consumer

_KINDS = [event.kind for event in (MessageEdited, AttachmentsUpdated, MessageDeleted, ChatDeleted)]


class SearchIndex(Consumer):
    """Indexes the messages again that events name, as they are now."""

    name = "search"
    # Only rows with such an event are read. Within texts, quotes are escaped.
    is_due = "events LIKE ANY (ARRAY[" + ", ".join(f"'%%[\"{kind}\",%%'" for kind in _KINDS) + "])"

    def handle(self, events: Sequence[Event]) -> None:
        """Index messages that have changed, and remove those that are gone.

        Raises:
            Unavailable: Postgres is away.
        """
        changed: set[int] = set()
        for event in events:
            if isinstance(event, MessageEdited | AttachmentsUpdated):
                changed.add(event.message.id)
            elif isinstance(event, MessageDeleted):
                changed.add(event.message_id)
        search_writer.write(sorted(changed))
        for chat_id in {event.chat_id for event in events if isinstance(event, ChatDeleted)}:
            search_writer.remove_chat(chat_id)
