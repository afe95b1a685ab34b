"""Claiming: a visitor logs in, and the session with all its messages belongs to the account from then on."""

from __future__ import annotations

from chatapp.actions.assistant import sessions
from chatapp.actions.assistant.deletion import delete_visitor
from chatapp.actions.assistant.visits import Visit, visit
from chatapp.actions.attachments.attaching import lock_chat
from chatapp.actions.chat_log import Change, record
from chatapp.auth.actor import Actor
from chatapp.auth.session_ids import session_ids
from chatapp.errors import NotFound
from chatapp.events.types import AccessRevoked, ChatJoined
from chatapp.infra.postgres import database_connection, db
from chatapp.models import Chat
from chatapp.queries import sessions as session_queries
from chatapp.transaction import unit_of_work

# Everything that names the visitor in this chat.
_MOVE = (
    "UPDATE chat_members SET user_id = %(account)s, changed_in = transaction_stamp()"
    " WHERE chat_id = %(chat)s AND user_id = %(visitor)s",
    "UPDATE sessions SET visitor_id = %(account)s WHERE chat_id = %(chat)s",
    "UPDATE messages SET sender_id = %(account)s"
    " WHERE retention = 1 AND chat_id = %(chat)s AND sender_id = %(visitor)s",
    "UPDATE chats SET last_message_sender_id = %(account)s"
    " WHERE id = %(chat)s AND last_message_sender_id = %(visitor)s",
    "UPDATE read_marks SET user_id = %(account)s WHERE chat_id = %(chat)s AND user_id = %(visitor)s",
    "UPDATE client_keys k SET sender_id = %(account)s WHERE sender_id = %(visitor)s AND chat_id = %(chat)s"
    " AND NOT EXISTS (SELECT FROM client_keys WHERE sender_id = %(account)s AND key = k.key)",
)


def claim(actor: Actor, text: str, *, language: str) -> Visit:
    """Let a session without an account belong to one. Repeating it changes nothing.

    The sockets of the visitor close: clients open them again as the account.

    Parameters:
        text: the id of the session, which proves that the client is its visitor.
        language: of a session of which nothing is stored yet.

    Raises:
        Unauthorised: as in `visits.visit`.
        NotFound: `session_not_found`; also if the account has another part in the session.
    """
    given = session_ids().read(text)
    with database_connection():
        session = session_queries.by_chat(given.chat_id)
    if session is not None and session.visitor_id == actor.id:
        return Visit(actor, given.chat_id, session)
    found = visit(text, None)
    if found.session is None:
        return sessions.store(Visit(actor, found.chat_id, None), language=language)
    _move(found, actor)
    with database_connection():
        return Visit(actor, found.chat_id, session_queries.by_chat(found.chat_id))


def _move(found: Visit, actor: Actor) -> None:
    visitor_id = found.actor.id
    with unit_of_work() as work:
        chat = lock_chat(found.chat_id)
        session = session_queries.by_chat(found.chat_id)
        if chat is None or session is None or session.visitor_id != visitor_id or _is_member(chat, actor):
            raise NotFound("session_not_found")
        for statement in _MOVE:
            db.execute_sql(statement, {"account": actor.id, "visitor": visitor_id, "chat": chat.id})
        work.publish_after_commit(ChatJoined((actor.id,), chat.id, chat.last_version + 1))
        if chat.last_message_id:
            record(work, chat, Change("claimed", chat.last_message_id, actor.id, {}))
        work.publish_after_commit(AccessRevoked((visitor_id,), None))
    delete_visitor(visitor_id)


def _is_member(chat: Chat, actor: Actor) -> bool:
    found = db.execute_sql("SELECT 1 FROM chat_members WHERE chat_id = %s AND user_id = %s", (chat.id, actor.id))
    return found.fetchone() is not None
