"""What the hub asks the database: rarely, and never on the path of a message."""

from __future__ import annotations

from chatapp.events import ChatChanged, MessageSent
from chatapp.queries import chats, messages
from chatapp.transaction import database_connection


def changes_between(chat_id: int, after: int, before: int, limit: int) -> list[ChatChanged]:
    """The changes that gave a chat the versions strictly between two, as events.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        found = messages.between_versions(chat_id, after, before, limit=limit)
    return [
        MessageSent(
            recipients=(message.sender.id, message.receiver.id),
            chat_id=chat_id,
            version=message.version,
            message=message,
        )
        for message in found
    ]


def unread_counts(user_ids: list[int]) -> dict[int, int]:
    """Unread messages of each person over all chats.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        return chats.unread_counts(user_ids)
