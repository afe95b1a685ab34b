"""Creating groups."""

from __future__ import annotations

from chatapp.actions import idempotency_keys, system_messages
from chatapp.actions.groups.people import Named
from chatapp.actions.groups.rules import MEMBER, OWNER, clean_title, max_members
from chatapp.auth.actor import Actor
from chatapp.errors import Conflict
from chatapp.events.snapshots import SystemNote
from chatapp.events.types import ChatJoined
from chatapp.infra.postgres import database_connection, db
from chatapp.models import Chat
from chatapp.models.chats import GROUP
from chatapp.transaction import unit_of_work

_INSERT = f"INSERT INTO chats (kind, title, member_count) VALUES ('{GROUP}', %s, %s) RETURNING *"
_INSERT_MEMBERS = f"""
INSERT INTO chat_members (chat_id, user_id, role)
SELECT %(chat)s, id, CASE id WHEN %(owner)s THEN '{OWNER}' ELSE '{MEMBER}' END FROM unnest(%(members)s::bigint[]) id
"""


def create_group(actor: Actor, title: str, named: Named, *, idempotency_key: str | None = None) -> int:
    """Create a group of the actor, who owns it, and of other users; returns its id.

    Parameters:
        title: as the client sent it.
        named: the other members; may be none.
        idempotency_key: repeating the same request with the same key creates one group.

    Raises:
        Invalid: the title is empty or too long.
        NotFound, Forbidden: as in `Named.find`.
        Conflict: `group_full`, `client_key_reused`.
    """
    title = clean_title(title)
    write = ["create_group", title, [*named.ids], [*named.usernames]]
    try:
        with unit_of_work() as work:
            if idempotency_keys.was_claimed(actor, idempotency_key, write):
                raise _Repeated
            members = sorted({actor.id, *(person.id for person in named.find(actor))})
            if len(members) > max_members():
                raise Conflict("group_full")
            chat: Chat = next(iter(Chat.raw(_INSERT, title, len(members))))
            db.execute_sql(_INSERT_MEMBERS, {"chat": chat.id, "owner": actor.id, "members": members})
            work.publish_after_commit(ChatJoined(tuple(members), chat.id, version=1))
            note = SystemNote("created", title=title, member_count=len(members))
            message = system_messages.write(work, chat, actor, note)
            if not idempotency_keys.claim(actor, idempotency_key, write, chat_id=chat.id, message_id=message.id):
                raise _Repeated
            return int(chat.id)
    except _Repeated:
        with database_connection():
            return idempotency_keys.chat_of(actor, str(idempotency_key))


class _Repeated(Exception):
    """The same request created a group before: what this one has written is undone."""
