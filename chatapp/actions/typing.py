"""Typing: told to the other, stored nowhere, and over by itself when nobody renews it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import gevent

from chatapp.access import access_chat
from chatapp.auth.actor import Actor
from chatapp.events.bus import bus
from chatapp.events.types import TypingChanged
from chatapp.infra.postgres import database_connection
from chatapp.models import Chat

# By (chat, user) that types on this worker.
_timers: dict[tuple[int, int], tuple[gevent.Greenlet[..., None], TypingChanged]] = {}


def set_typing(actor: Actor, chat_id: int, is_typing: bool, *, clear_after: float) -> None:
    """Tell the other member, where the chat shows presence.

    Parameters:
        clear_after: seconds after which typing that was not renewed ends.

    Raises:
        NotFound: not a chat of the actor's.
    """
    with database_connection():
        chat = access_chat(actor, chat_id).chat
    _cancel(chat_id, actor.id)
    if not chat.shows_presence:
        return
    ended = _ended(chat, actor.id, actor.uuid)
    if not is_typing:
        bus.publish([ended])
        return
    bus.publish([replace(ended, is_typing=True)])
    timer = gevent.spawn_later(clear_after, stop_typing, actor.id, chat_id)
    _timers[(chat_id, actor.id)] = (timer, ended)


def stop_typing(user_id: int, chat_id: int) -> None:
    """The person sent, or did not go on: whoever saw them typing no longer does."""
    ended = _cancel(chat_id, user_id)
    if ended is not None:
        bus.publish([ended])


def stop_typing_everywhere(user_id: int) -> None:
    """The person's last socket here ended."""
    for chat_id, typist in [key for key in _timers if key[1] == user_id]:
        stop_typing(typist, chat_id)


def stop_typing_between(chats: Iterable[Chat], people: Iterable[tuple[int, str]]) -> None:
    """A block came between the two people (id, uuid) of these chats: they see each other type no longer.

    Told whether they typed or not: that another worker heard them is not known here.
    """
    typists = [(chat, user_id, uuid) for chat in chats for user_id, uuid in people]
    for chat, user_id, _ in typists:
        _cancel(chat.id, user_id)
    bus.publish([_ended(*typist) for typist in typists])


def _ended(chat: Chat, user_id: int, uuid: str) -> TypingChanged:
    return TypingChanged(
        recipients=(chat.other_member(user_id),),
        chat_id=chat.id,
        version=chat.last_version,
        user_id=user_id,
        is_typing=False,
        user_uuid=uuid,
    )


def _cancel(chat_id: int, user_id: int) -> TypingChanged | None:
    timer, ended = _timers.pop((chat_id, user_id), (None, None))
    if timer is not None and timer is not gevent.getcurrent():
        timer.kill(block=False)
    return ended
