"""Reactions in larger chats, gathered: at most one frame a second and socket, whatever the number of members.

A change of another kind is not held back, and versions never go back on a socket: so what is gathered leaves before it.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

import gevent

from chatapp.events.families import ChatChanged, Event
from chatapp.events.marks import ReactionChanged, ReactionsGathered

PERIOD = 1.0  # seconds between two frames of gathered reactions of a chat
MAX_BYTES = 256 * 1024  # of a frame, estimated; then it leaves earlier. A quarter of what a socket queues
CHATS_REMEMBERED = 10_000  # whose last frame is remembered; of a forgotten one the next reaction leaves at once

_CHANGE = 150  # bytes of who reacted and how
_MESSAGE = 6000  # bytes of all reactions of a message, if it has as many as it may


@dataclass(slots=True)
class _Chat:
    """What is gathered of one chat.

    Attributes:
        due_at: when the next frame may leave, in monotonic seconds.
        held: consecutive changes.
        is_scheduled: whether a greenlet will push them.
    """

    due_at: float = 0.0
    held: list[ReactionChanged] = field(default_factory=list)
    is_scheduled: bool = False

    @property
    def size(self) -> int:
        """The estimated bytes of a frame of all that is held."""
        return _CHANGE * len(self.held) + _MESSAGE * len({change.message_id for change in self.held})


class ReactionGatherer:
    """Between the order of a chat and its sockets.

    Parameters:
        push: pushes an event to its audience. Must not block.
        period: seconds.
    """

    def __init__(self, push: Callable[[Event], None], *, period: float = PERIOD) -> None:
        self._push = push
        self._period = period
        self._chats: OrderedDict[int, _Chat] = OrderedDict()

    def deliver(self, event: ChatChanged) -> None:
        """Push a change that is due, or hold it. Changes of a chat come in the order of their versions."""
        chat = self._chats.get(event.chat_id)
        if not isinstance(event, ReactionChanged) or event.recipients:
            if chat is not None and chat.held:
                self._flush(event.chat_id, chat)
            self._push(event)
            return
        if chat is None:
            chat = self._remember(event.chat_id)
        if chat.held and event.version != chat.held[-1].version + 1:
            self._flush(event.chat_id, chat)  # a gap that could not be read stays visible
        chat.held.append(event)
        if chat.size >= MAX_BYTES or time.monotonic() >= chat.due_at:
            self._flush(event.chat_id, chat)
        elif not chat.is_scheduled:
            chat.is_scheduled = True
            gevent.spawn_later(chat.due_at - time.monotonic(), self._flush_due, event.chat_id, chat)

    def pushed_version(self, chat_id: int, version: int) -> int:
        """The last version of a chat that was pushed, if `version` was delivered."""
        chat = self._chats.get(chat_id)
        return version if chat is None or not chat.held else min(version, chat.held[0].version - 1)

    def _remember(self, chat_id: int) -> _Chat:
        chat = self._chats[chat_id] = _Chat()
        while len(self._chats) > CHATS_REMEMBERED:
            forgotten_id, forgotten = self._chats.popitem(last=False)
            if forgotten.held:
                self._flush(forgotten_id, forgotten)
        return chat

    def _flush_due(self, chat_id: int, chat: _Chat) -> None:
        chat.is_scheduled = False
        if chat.held:
            self._flush(chat_id, chat)

    def _flush(self, chat_id: int, chat: _Chat) -> None:
        held, chat.held = chat.held, []
        chat.due_at = time.monotonic() + self._period
        if chat_id in self._chats:
            self._chats.move_to_end(chat_id)
        if len(held) == 1:
            self._push(held[0])
            return
        self._push(
            ReactionsGathered(
                (), chat_id=chat_id, from_version=held[0].version, version=held[-1].version, changes=tuple(held)
            )
        )
