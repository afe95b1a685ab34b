"""To fetch is to authorise: rows reach an action only through here, so leaks are looked for in one file.

Whoever isn't a member gets the same `NotFound` as for an id that does not exist (promise 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from peewee import SQL

from chatapp.actor import Actor
from chatapp.errors import NotFound
from chatapp.models import Chat, ChatMember, Message


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
    query = (
        ChatMember.select(ChatMember, Chat)
        .join(Chat, on=(Chat.id == ChatMember.chat_id), attr="chat")
        .where(ChatMember.user_id == actor.id, ChatMember.chat_id == chat_id)
    )
    member = query.first()
    if member is None:
        raise NotFound("chat_not_found")
    if not lock:
        return Membership(member.chat, member)
    # Locked first and read again after it: what was read before the lock may have moved while waiting for it.
    locked: Any = Chat.select().where(Chat.id == chat_id).for_update("FOR NO KEY UPDATE")  # type: ignore[arg-type]
    chat = locked.first()
    member = ChatMember.select().where(ChatMember.user_id == actor.id, ChatMember.chat_id == chat_id).first()
    if chat is None or member is None:
        raise NotFound("chat_not_found")
    return Membership(chat, member)


def access_message(actor: Actor, message_id: int) -> tuple[Message, Membership]:
    """A message of a chat of the actor's, and the chat.

    Raises:
        NotFound: there is no such message for this actor.
    """
    message = Message.select().where(Message.id == message_id, Message.retention == SQL("0")).first()
    if message is None:
        raise NotFound("message_not_found")
    try:
        return message, access_chat(actor, message.chat_id)
    except NotFound:
        raise NotFound("message_not_found") from None
