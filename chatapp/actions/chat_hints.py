"""Which chat a message went to before, where its sender named a person or an item instead of the chat.

Only a hint: the group that stores the message checks it under the chat's lock (`group_commit._contradiction`). Where it
no longer holds, the chat is found or created as for the first message.
"""

from __future__ import annotations

from collections import OrderedDict

from chatapp.actions.chats import Target
from chatapp.auth.actor import Actor

MOST = 50_000  # a few megabytes in one worker; the least recently used are dropped first

_found: OrderedDict[tuple[int, Target], int] = OrderedDict()


def recall(actor: Actor, target: Target) -> int | None:
    """The id of the chat that this target meant for this person; None where it is not known."""
    chat_id = _found.get((actor.id, target))
    if chat_id is not None:
        _found.move_to_end((actor.id, target))
    return chat_id


def remember(actor: Actor, target: Target, chat_id: int) -> None:
    """Keep what was found."""
    _found[actor.id, target] = chat_id
    while len(_found) > MOST:
        _found.popitem(last=False)


def forget(actor: Actor, target: Target) -> None:
    """Drop a hint that did not hold."""
    _found.pop((actor.id, target), None)
