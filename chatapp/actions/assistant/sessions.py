"""Opening, listing and ending sessions.

Of a session without an account nothing is stored before its first message: its id is drawn from the sequence of chats,
and everything else follows from it.
"""

from __future__ import annotations

from typing import Any

from chatapp.actions.assistant.bot import NAME
from chatapp.actions.assistant.policy import policy
from chatapp.actions.assistant.visits import Visit, visitor_of
from chatapp.auth.actor import Actor
from chatapp.events.assistant import SessionEnded
from chatapp.events.types import ChatJoined
from chatapp.ids.visitors import is_visitor
from chatapp.infra.postgres import database_connection, db
from chatapp.models.chats import ASSISTANT
from chatapp.queries import sessions as session_queries
from chatapp.queries.sessions import Session
from chatapp.transaction import UnitOfWork, unit_of_work

VISITORS = ":visitor"  # issuer of visitors without an account; no service that issues tokens has this name
Place = tuple[str, int]  # kind and id of an item


def open_session(actor: Actor | None, *, language: str, place: Place | None = None) -> Visit:
    """Open a session.

    Parameters:
        actor: None for a visitor without an account.
        language: of the visitor, until a message shows it.
        place: the item whose page the visitor is on.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        chat_id = int(db.execute_sql("SELECT make_id()").fetchone()[0])
    if actor is None:
        return Visit(visitor_of(chat_id), chat_id, None)
    return store(Visit(actor, chat_id, None), language=language, place=place)


# A repetition changes nothing.
_INSERT_VISITOR = """
INSERT INTO users (id, uuid, issuer, subject, username) VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""
_INSERT_CHAT = f"""
INSERT INTO chats (id, kind, title, member_count) VALUES (%s, '{ASSISTANT}', '{NAME}', 1) ON CONFLICT DO NOTHING
RETURNING id
"""
_INSERT_MEMBER = "INSERT INTO chat_members (chat_id, user_id, role) VALUES (%s, %s, 'owner')"
_INSERT = """
INSERT INTO sessions (chat_id, visitor_id, language, item_kind, item_id, expires_at)
VALUES (%(chat)s, %(visitor)s, %(language)s, %(kind)s, %(item)s, now() + make_interval(secs => %(ttl)s))
"""
_COUNT = """
INSERT INTO assistant_days (day, language, sessions) VALUES ((now() AT TIME ZONE 'UTC')::date, %s, 1)
ON CONFLICT (day, language) DO UPDATE SET sessions = assistant_days.sessions + 1
"""


def store(visit: Visit, *, language: str, place: Place | None = None) -> Visit:
    """Store a session, unless it is: its visitor, chat and membership."""
    if visit.session is not None:
        return visit
    actor, chat_id = visit.actor, visit.chat_id
    with unit_of_work() as work:
        if is_visitor(actor.id):
            db.execute_sql(_INSERT_VISITOR, (actor.id, actor.uuid, VISITORS, actor.uuid, actor.username))
        if db.execute_sql(_INSERT_CHAT, (chat_id,)).fetchone() is not None:
            _insert(work, actor, chat_id, language, place)
        session = session_queries.by_chat(chat_id)
    return Visit(actor, chat_id, session)


def _insert(work: UnitOfWork, actor: Actor, chat_id: int, language: str, place: Place | None) -> None:
    db.execute_sql(_INSERT_MEMBER, (chat_id, actor.id))
    kind, item_id = place or (None, None)
    values: dict[str, Any] = {"chat": chat_id, "visitor": actor.id, "language": language, "kind": kind}
    db.execute_sql(_INSERT, {**values, "item": item_id, "ttl": policy().ttl})
    db.execute_sql(_COUNT, (language,))
    work.publish_after_commit(ChatJoined((actor.id,), chat_id, version=1))


def list_sessions(actor: Actor, *, before: int, limit: int) -> list[Session]:
    """The sessions of an account, newest first; see `queries.sessions.of_visitor`."""
    with database_connection():
        return session_queries.of_visitor(actor.id, before=before, limit=limit)


def end_session(visit: Visit) -> None:
    """End a session: its messages stay until it expires, and none follow. Repeating it changes nothing."""
    if visit.session is None:
        return
    with unit_of_work() as work:
        session = session_queries.by_chat(visit.chat_id, lock=True)
        if session is None or session.ended_at is not None:
            return
        db.execute_sql("UPDATE sessions SET ended_at = now() WHERE chat_id = %s", (visit.chat_id,))
        db.execute_sql(
            "UPDATE assistant_turns SET stop_asked_at = now() WHERE chat_id = %s AND state <> 'done'", (visit.chat_id,)
        )
        work.publish_after_commit(SessionEnded((), visit.chat_id, session.last_version))
