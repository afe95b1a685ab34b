"""What tests ask about groups."""

from __future__ import annotations

from chatapp.access import access_chat
from chatapp.auth.actor import Actor
from chatapp.errors import ChatError
from chatapp.events.encoding import from_json
from chatapp.events.snapshots import SystemNote
from chatapp.events.types import Event
from chatapp.infra.postgres import database_connection
from chatapp.queries import messages as message_queries
from tests.database import Database


def roles(database: Database, chat_id: int) -> dict[int, str]:
    """The role of each member."""
    return dict(database.rows("SELECT user_id, role FROM chat_members WHERE chat_id = %s", chat_id))


def member_count(database: Database, chat_id: int) -> int:
    """The number of members, as it is stored; it equals the rows."""
    ((stored, counted),) = database.rows(
        "SELECT member_count, (SELECT count(*) FROM chat_members WHERE chat_id = id) FROM chats WHERE id = %s", chat_id
    )
    assert stored == counted
    return int(stored)


def notes(actor: Actor, chat_id: int) -> list[SystemNote]:
    """The system messages that a member sees, oldest first."""
    with database_connection():
        page = message_queries.page(access_chat(actor, chat_id), limit=100)
    return [message.system for message in reversed(page.messages) if message.system is not None]


def events(database: Database) -> list[Event]:
    """All events, in their order."""
    rows = database.rows("SELECT events FROM outbox ORDER BY id")
    return [event for (stored,) in rows for event in from_json(stored)]


def made_users(database: Database, count: int) -> list[int]:
    """Ids of new users."""
    with database.autocommitting() as cursor:
        cursor.execute(
            "INSERT INTO users (subject, username) SELECT name, name"
            " FROM (SELECT 'made-' || gen_random_uuid() AS name FROM generate_series(1, %s)) names RETURNING id",
            (count,),
        )
        return [id for (id,) in cursor.fetchall()]


def code(refused: BaseException) -> str:
    """The code of an error."""
    assert isinstance(refused, ChatError)
    return refused.code
