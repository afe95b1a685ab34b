"""A cache of chats by user or item, for messages whose sender names one of these instead of the chat.

An entry is only a hint. It is verified under the chat's lock (`group_commit._target_mismatch`); if it is outdated, the
chat is found or created as for a first message.
"""

from __future__ import annotations

from collections import OrderedDict

from chatapp.actions.chats import Target
from chatapp.auth.actor import Actor

MOST = 50_000  # a few megabytes per process; the least recently used are dropped first

_found: OrderedDict[tuple[int, Target], int] = OrderedDict()


def recall(actor: Actor, target: Target) -> int | None:
    """The id of the chat that the target led to before; None if it is not known."""
    chat_id = _found.get((actor.id, target))
    if chat_id is not None:
        _found.move_to_end((actor.id, target))
    return chat_id


def remember(actor: Actor, target: Target, chat_id: int) -> None:
    """Keep the chat that the target led to."""
    _found[actor.id, target] = chat_id
    while len(_found) > MOST:
        _found.popitem(last=False)


def forget(actor: Actor, target: Target) -> None:
    """Drop an outdated hint."""
    _found.pop((actor.id, target), None)
