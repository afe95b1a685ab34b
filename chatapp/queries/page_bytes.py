"""The limit of pages in bytes, beside their limit in messages.

500 messages of 10,000 letters are 20 MB, which a worker would hold for every slow client. A page that is cut by its
bytes looks like one that is cut by its limit: it says that there is more, and its cursor continues there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from chatapp.events.marks import ReactionChanged
from chatapp.events.snapshots import MessageSnapshot, Reaction
from chatapp.events.types import AttachmentsUpdated, ChatChanged, LinkPreviewUpdated, MessageEdited

# By `size_of`. JSON takes up to twice as many bytes, if a text consists of quotes: then one frame fills the queue of a
# socket (`realtime.send_queue.MAX_QUEUED_BYTES`). Usually it takes half of that.
MAX_PAGE_BYTES = 1 << 19

_MESSAGE = 1000  # bytes of a message without its text: fields and two profiles
_EXTRAS = 2500  # bytes of a quote, and of some people
_FILE = 3000  # bytes of a file: two signed links, a name, a waveform
_REACTION = 100  # bytes of a kind of reaction without its users
_REACTING = 40  # bytes of a user of it: a UUID

Item = TypeVar("Item", bound=MessageSnapshot | ChatChanged)


def fitting(items: Sequence[Item]) -> tuple[list[Item], bool]:
    """The first items that fit into a page, at least one; and whether items were cut.

    A query may stop reading after it exceeds MAX_PAGE_BYTES of text: its result is cut here in any case.
    """
    size = 0
    for count, item in enumerate(items):
        size += size_of(item)
        if size > MAX_PAGE_BYTES:
            return list(items[: max(count, 1)]), True
    return list(items), False


def size_of(item: MessageSnapshot | ChatChanged) -> int:
    """The approximate bytes of an item in a page, never less than those of its text."""
    if isinstance(item, MessageSnapshot):
        return _size(item, texts=1, files=1)
    if isinstance(item, LinkPreviewUpdated):
        return _size(item.message, texts=1, files=1)
    if isinstance(item, MessageEdited):
        return _size(item.message, texts=2, files=1)  # the marketplace frame contains the text twice
    if isinstance(item, AttachmentsUpdated):
        return _size(item.message, texts=1, files=3)  # and files three times
    if isinstance(item, ReactionChanged):
        return _MESSAGE + _reactions(item.reactions)
    return _MESSAGE


def _size(message: MessageSnapshot, *, texts: int, files: int) -> int:
    pictures = sum(len(person.picture_url or "") for person in message.people)
    extras = _reactions(message.reactions) + (_EXTRAS if message.extras else 0)
    text = len(message.content.encode())
    return _MESSAGE + extras + pictures + texts * text + files * _FILE * message.attachments_count


def _reactions(reactions: Sequence[Reaction]) -> int:
    return sum(_REACTION + _REACTING * len(reaction.user_ids) for reaction in reactions)
