"""What the hub asks the database: rarely, and never on the path of a message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chatapp import presence
from chatapp.events.types import ChatChanged, Event, MessageSent, from_json
from chatapp.infra.postgres import database_connection, db
from chatapp.queries import changes, chats, messages, redactions
from chatapp.queries.chats import ChatSummary

MADE_UP_LIMIT = 20_000  # outbox rows; a client that misses more sees the jump in `version` and catches up


@dataclass(frozen=True, slots=True)
class ConversationUpdated(Event):
    """What a person sees of one of their chats in their list, as it stands. Stays on the worker that read it.

    Attributes:
        is_other_online: False where the chat does not show presence, too.
    """

    kind = "conversation_updated"

    summary: ChatSummary
    is_other_online: bool


def changes_between(chat_id: int, after: int, before: int, limit: int) -> list[ChatChanged]:
    """The changes that gave a chat the versions strictly between two, as events.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        sent = messages.between_versions(chat_id, after, before, limit=limit)
        changed = changes.between_versions(chat_id, after, before, limit=limit)
    told: list[ChatChanged] = [
        MessageSent(
            recipients=(message.sender.id, message.receiver.id),
            chat_id=chat_id,
            version=message.sent_version,
            message=replace(message, is_read=False),  # as it was when it was sent; all observers are told the same
        )
        for message in sent
    ]
    return sorted([*told, *changed], key=lambda event: event.version)


def events_of_last(seconds: float) -> list[Event]:
    """Events that were committed in the last so many seconds, the newest `MADE_UP_LIMIT` transactions of them.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        rows = db.execute_sql(
            "SELECT events FROM outbox WHERE id > (SELECT coalesce(max(id), 0) FROM outbox) - %s"
            " AND created_at > now() - make_interval(secs => %s) ORDER BY id",
            (MADE_UP_LIMIT, seconds),
        ).fetchall()
    erased = redactions.pending().redactions
    return [erased.applied_to(event) for (stored,) in rows for event in from_json(stored)]


def unread_counts(user_ids: list[int]) -> dict[int, int]:
    """Unread messages of each person over all chats.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        return chats.unread_counts(user_ids)


def conversations(places: Sequence[tuple[int, int]]) -> list[ConversationUpdated]:
    """What people (user id, chat id) see of chats of theirs; chats that are gone are left out.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        found = chats.by_places(places)
    online = presence.online_among(list({summary.other_of(user_id).uuid for user_id, summary in found}))
    return [
        ConversationUpdated(
            recipients=(user_id,),
            summary=summary,
            is_other_online=summary.shows_presence and summary.other_of(user_id).uuid in online,
        )
        for user_id, summary in found
    ]
