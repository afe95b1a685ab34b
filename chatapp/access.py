"""To fetch is to authorise: rows reach an action only through here, so leaks are looked for in one file.

Whoever isn't a member gets the same `NotFound` as for an id that does not exist (promise 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chatapp.auth.actor import Actor
from chatapp.errors import Forbidden, NotFound
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Batch, Statement
from chatapp.models import Attachment, Chat, ChatMember, Message


@dataclass(frozen=True, slots=True)
class Membership:
    """A chat as one of its members sees it."""

    chat: Chat
    member: ChatMember


def access_chat(actor: Actor, chat_id: int, *, lock: bool = False) -> Membership:
    """The chat and the actor's place in it.

    Parameters:
        lock: hold the chat's row until the transaction ends, as whatever moves a read pointer, `seq` or `version` must.

    Raises:
        NotFound: there is no such chat for this actor.
    """
    values = {"user": actor.id, "chat": chat_id}
    row = db.run(_LOCK_AND_MEMBERSHIP if lock else _MEMBERSHIP, values).fetchone()
    if row is None:
        raise NotFound("chat_not_found")
    return _membership(row)


# Written out, since nearly every request asks it: Peewee took longer to put it together than Postgres to answer.
_CHAT_FIELDS = tuple(name for name in Chat._meta.sorted_field_names if name != "changed_in")
_MEMBER_FIELDS = tuple(name for name in ChatMember._meta.sorted_field_names if name != "changed_in")
_PLACE = ", ".join([f"c.{name}" for name in _CHAT_FIELDS] + [f"m.{name}" for name in _MEMBER_FIELDS])
_MEMBERSHIP = Statement(f"""
SELECT {_PLACE} FROM chat_members m JOIN chats c ON c.id = m.chat_id WHERE m.user_id = %(user)s AND m.chat_id = %(chat)s
""")
# Whoever is not in a chat cannot hold it up.
_LOCK = Statement("""
SELECT FROM chats WHERE id = %(chat)s
    AND EXISTS (SELECT FROM chat_members WHERE user_id = %(user)s AND chat_id = %(chat)s) FOR NO KEY UPDATE
""")
# One round trip and two snapshots: what the second reads is as it stands after waiting for the lock.
_LOCK_AND_MEMBERSHIP = Batch(_LOCK, _MEMBERSHIP)


def _membership(row: tuple[Any, ...]) -> Membership:
    """Of the values of `_PLACE`."""
    chat = Chat(**dict(zip(_CHAT_FIELDS, row, strict=False)))
    member = ChatMember(**dict(zip(_MEMBER_FIELDS, row[len(_CHAT_FIELDS) :], strict=True)))
    return Membership(chat, member)


# With chat and membership in the same query: a message of another chat must take as long to refuse as a missing one.
_MESSAGE_FIELDS = tuple(name for name in Message._meta.sorted_field_names if name != "created_in")
_MESSAGE = Statement(f"""
SELECT {", ".join(f"message.{name}" for name in _MESSAGE_FIELDS)}, {_PLACE} FROM messages message
JOIN chat_members m ON m.user_id = %(user)s AND m.chat_id = message.chat_id JOIN chats c ON c.id = m.chat_id
WHERE message.retention = 0 AND message.id = %(message)s
""")


def access_message(actor: Actor, message_id: int) -> tuple[Message, Membership]:
    """A message of a chat of the actor's, and the chat.

    Raises:
        NotFound: there is no such message for this actor.
    """
    row = db.run(_MESSAGE, {"user": actor.id, "message": message_id}).fetchone()
    if row is None:
        raise NotFound("message_not_found")
    return Message(**dict(zip(_MESSAGE_FIELDS, row, strict=False))), _membership(row[len(_MESSAGE_FIELDS) :])


def access_own_message(actor: Actor, message_id: int) -> tuple[Message, Membership]:
    """A message that the actor wrote, and its chat, locked until the transaction ends.

    Raises:
        NotFound: there is no such message for this actor.
        Forbidden: `not_author`.
    """
    message, _ = access_message(actor, message_id)
    membership = access_chat(actor, message.chat_id, lock=True)
    if message.sender_id != actor.id:
        raise Forbidden("not_author")
    # Read again under the lock: another device may have changed it while this one waited.
    return access_message(actor, message_id)[0], membership


def access_attachment(actor: Actor, attachment_id: int) -> Attachment:
    """A file of a chat of the actor's, or one that they uploaded and attached to nothing yet.

    What waits for a scanner, or for its bytes, is its uploader's alone; what is being removed is nobody's.

    Raises:
        NotFound: there is no such attachment for this actor.
    """
    row = db.run(_ATTACHMENT, {"user": actor.id, "attachment": attachment_id}).fetchone()
    if row is None:
        raise NotFound("attachment_not_found")
    return Attachment(**dict(zip(_ATTACHMENT_FIELDS, row, strict=True)))


_ATTACHMENT_FIELDS = tuple(Attachment._meta.sorted_field_names)
_ATTACHMENT = Statement(f"""
SELECT {", ".join(f"a.{name}" for name in _ATTACHMENT_FIELDS)} FROM attachments a
LEFT JOIN chat_members m ON m.user_id = %(user)s AND m.chat_id = a.chat_id
WHERE a.id = %(attachment)s AND (a.expires_at IS NULL OR a.expires_at > now())
    AND (a.uploader_id = %(user)s OR a.state = 'ready')
    AND CASE WHEN a.message_id IS NULL THEN a.uploader_id = %(user)s ELSE m.user_id IS NOT NULL END
""")
