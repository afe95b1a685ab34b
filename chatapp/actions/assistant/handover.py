"""Handing a session over to a human, and back to the assistant.

Exactly one of the two answers (`sessions.responder`), decided under the lock of the chat. The human becomes a member of
the chat, and so sees all of it in the lists and sockets of every dialect; afterwards the membership ends.
"""

from __future__ import annotations

from typing import Any

from chatapp.access import access_chat
from chatapp.actions.assistant import statistics
from chatapp.actions.assistant.policy import policy
from chatapp.actions.assistant.visits import Visit
from chatapp.actions.attachments.attaching import lock_chat
from chatapp.actions.groups import membership
from chatapp.auth.actor import Actor
from chatapp.errors import Conflict, NotFound
from chatapp.events.assistant import SessionHandover
from chatapp.events.types import ChatJoined
from chatapp.infra.postgres import database_connection, db
from chatapp.models import Chat
from chatapp.models.chats import ASSISTANT
from chatapp.queries import sessions as session_queries
from chatapp.queries.items import find_owner
from chatapp.transaction import UnitOfWork, unit_of_work

# The owner of the item that the visitor looks at, or else the people of the operator; none who blocks the visitor.
_PEOPLE = """
SELECT u.id FROM users u WHERE u.banned_at IS NULL AND u.erased_at IS NULL AND u.id <> %(visitor)s
    AND CASE WHEN %(owner)s::bigint IS NOT NULL THEN u.id = %(owner)s ELSE lower(u.username) = ANY(%(support)s) END
    AND NOT EXISTS (SELECT FROM blocks
        WHERE (blocker_id, blocked_id) IN ((u.id, %(visitor)s), (%(visitor)s, u.id)))
ORDER BY u.id LIMIT 20
"""
# All of it is visible to them, and unread.
_INSERT_MEMBERS = """
INSERT INTO chat_members (chat_id, user_id, role) SELECT %s, id, 'member' FROM unnest(%s::bigint[]) id
ON CONFLICT DO NOTHING RETURNING user_id
"""


def offer(work: UnitOfWork, chat: Chat, reason: str) -> None:
    """Make a human responsible for a locked session, unless one is."""
    session = session_queries.by_chat(chat.id)
    if session is None or session.responder == "human":
        return
    db.execute_sql(
        "UPDATE sessions SET responder = 'human', handover = 'offered', handover_reason = %s WHERE chat_id = %s",
        (reason, chat.id),
    )
    db.execute_sql(
        "UPDATE assistant_turns SET stop_asked_at = now() WHERE chat_id = %s AND state <> 'done'", (chat.id,)
    )
    people = _people(session.visitor_id, session.item_kind, session.item_id)
    rows: list[Any] = db.execute_sql(_INSERT_MEMBERS, (chat.id, people)).fetchall() if people else []
    joined = tuple(sorted(user_id for (user_id,) in rows))
    if joined:
        db.execute_sql("UPDATE chats SET member_count = member_count + %s WHERE id = %s", (len(joined), chat.id))
        # They get everything that is written from now on; what was before, with the chat.
        work.publish_after_commit(ChatJoined(joined, chat.id, chat.last_version + 1))
    work.publish_after_commit(SessionHandover((), chat.id, chat.last_version, state="offered"))
    statistics.count_handover(chat.id)


def _people(visitor_id: int, item_kind: str | None, item_id: int | None) -> list[int]:
    owner_id = None if item_kind is None or item_id is None else find_owner(item_kind, item_id)
    support = [name.lower() for name in policy().support]
    values = {"visitor": visitor_id, "owner": owner_id, "support": support}
    return [user_id for (user_id,) in db.execute_sql(_PEOPLE, values).fetchall()]


def hand_over(visit: Visit, reason: str) -> None:
    """Ask for a human, as the visitor; or accept, as the human. Repeating it changes nothing.

    Raises:
        NotFound: `session_not_found`: nothing was said yet.
        Conflict: `session_ended`.
    """
    visit.check_open()
    if visit.session is None:
        raise NotFound("session_not_found")
    with unit_of_work() as work:
        chat = lock_chat(visit.chat_id)
        session = session_queries.by_chat(visit.chat_id)
        if chat is None or session is None:
            raise NotFound("session_not_found")
        if visit.actor.id == session.visitor_id:
            offer(work, chat, reason)
        elif session.handover == "offered":
            db.execute_sql("UPDATE sessions SET handover = 'accepted' WHERE chat_id = %s", (chat.id,))
            work.publish_after_commit(SessionHandover((), chat.id, chat.last_version, state="accepted"))


def release(visit: Visit) -> None:
    """Give a session back to the assistant, which sees nothing of what was said before. Its humans leave the chat.

    Raises:
        NotFound: `session_not_found`.
        Conflict: `not_handed_over`: the assistant is responsible.
    """
    with unit_of_work() as work:
        chat = lock_chat(visit.chat_id)
        session = session_queries.by_chat(visit.chat_id)
        if chat is None or session is None:
            raise NotFound("session_not_found")
        if session.responder != "human":
            raise Conflict("not_handed_over")
        db.execute_sql(
            "UPDATE sessions SET responder = 'assistant', handover = NULL, handover_reason = NULL,"
            " window_from_seq = %s, expires_at = greatest(expires_at, now() + make_interval(secs => %s))"
            " WHERE chat_id = %s",
            (chat.last_seq, policy().ttl, chat.id),
        )
        work.publish_after_commit(SessionHandover((), chat.id, chat.last_version, state="released"))
        rows: list[Any] = db.execute_sql(
            "SELECT user_id FROM chat_members WHERE chat_id = %s AND user_id <> %s", (chat.id, session.visitor_id)
        ).fetchall()
        for (user_id,) in rows:
            membership.remove_from(work, chat, user_id, visit.actor)


def leave_all(actor: Actor) -> int:
    """Leave all sessions that the actor has taken over, as for a user whose account ends; returns how many there were.

    Each stays with the other humans, or waits for one.
    """
    with database_connection():
        rows: list[Any] = db.execute_sql(
            "SELECT c.id FROM chat_members m JOIN chats c ON c.id = m.chat_id"
            f" WHERE m.user_id = %s AND c.kind = '{ASSISTANT}' AND m.role <> 'owner' ORDER BY c.id",
            (actor.id,),
        ).fetchall()
    for (chat_id,) in rows:
        with unit_of_work() as work:
            found = access_chat(actor, chat_id, lock=True)
            membership.remove_from(work, found.chat, actor.id, actor)
    return len(rows)
