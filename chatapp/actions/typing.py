"""Typing indicators: published to the other member, never stored, and ended by a timer unless they are renewed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import gevent

from chatapp.access import access_chat, is_shadow_banned
from chatapp.auth.actor import Actor
from chatapp.events.bus import bus
from chatapp.events.types import TypingChanged
from chatapp.infra.postgres import database_connection
from chatapp.models import Chat
from chatapp.models.chats import ASSISTANT

# By chat id and user id: the users who type over this worker.
_timers: dict[tuple[int, int], tuple[gevent.Greenlet[..., None], TypingChanged]] = {}


def set_typing(actor: Actor, chat_id: int, is_typing: bool, *, clear_after: float) -> None:
    """Publish that the actor types, or stopped, if the chat shows typing and the actor is not shadow-banned.

    Parameters:
        clear_after: seconds after which typing ends unless it is renewed.

    Raises:
        NotFound: not a chat of the actor's.
    """
    with database_connection():
        chat = access_chat(actor, chat_id).chat
    _cancel(chat_id, actor.id)
    if not chat.shows_typing or is_shadow_banned(actor.id):
        return
    ended = _ended(chat, actor.id, actor.uuid)
    if not is_typing:
        bus.publish([ended])
        return
    bus.publish([replace(ended, is_typing=True)])
    timer = gevent.spawn_later(clear_after, stop_typing, actor.id, chat_id)
    _timers[(chat_id, actor.id)] = (timer, ended)


def stop_typing(user_id: int, chat_id: int) -> None:
    """End a user's typing in a chat, if they type there over this worker."""
    ended = _cancel(chat_id, user_id)
    if ended is not None:
        bus.publish([ended])


def stop_typing_everywhere(user_id: int) -> None:
    """End a user's typing in all chats, after their last socket of this worker has closed."""
    for chat_id in [chat_id for chat_id, typing_id in _timers if typing_id == user_id]:
        stop_typing(user_id, chat_id)


def stop_typing_between(chats: Iterable[Chat], users: Iterable[tuple[int, str]]) -> None:
    """End the typing of two users (id and UUID) in their chats, after a block.

    Published whether they typed or not: they may have typed over another worker.
    """
    typing = [(chat, user_id, uuid) for chat in chats for user_id, uuid in users]
    for chat, user_id, _ in typing:
        _cancel(chat.id, user_id)
    bus.publish([_ended(*one) for one in typing])


def hide_typing(chats: Iterable[Chat], user: tuple[int, str], viewer_id: int) -> None:
    """End the typing of a user (id and UUID) in larger chats for one member, who does not see the user any more."""
    bus.publish([replace(_ended(chat, *user), recipients=(viewer_id,)) for chat in chats])


def _ended(chat: Chat, user_id: int, uuid: str) -> TypingChanged:
    return TypingChanged(
        recipients=tuple(id for id in chat.pair if id != user_id),
        chat_id=chat.id,
        version=chat.last_version,
        user_id=user_id,
        is_typing=False,
        user_uuid=uuid,
        is_in_session=chat.kind == ASSISTANT,
    )


def _cancel(chat_id: int, user_id: int) -> TypingChanged | None:
    timer, ended = _timers.pop((chat_id, user_id), (None, None))
    if timer is not None and timer is not gevent.getcurrent():
        timer.kill(block=False)
    return ended
