"""A cache of chats by user or item, for messages whose sender names one of these instead of the chat.

An entry is only a hint. It is verified under the chat's lock (`group_commit._target_mismatch`); if it is outdated, the
chat is found or created as for a first message.
"""

from __future__ import annotations

from cachetools import LRUCache

from chatapp.actions.chats import Target
from chatapp.auth.actor import Actor
from chatapp.infra.bound import Bound

MOST = 50_000  # a few megabytes per process; the least recently used are dropped first

hints: Bound[LRUCache[tuple[int, Target], int]] = Bound("Chat hints", lambda settings: LRUCache(MOST))


def recall(actor: Actor, target: Target) -> int | None:
    """The id of the chat that the target led to before; None if it is not known."""
    return hints().get((actor.id, target))


def remember(actor: Actor, target: Target, chat_id: int) -> None:
    """Keep the chat that the target led to."""
    hints()[actor.id, target] = chat_id


def forget(actor: Actor, target: Target) -> None:
    """Drop an outdated hint."""
    hints().pop((actor.id, target), None)
