"""How many bytes a page of messages may have, beside how many messages.

500 messages of 10,000 letters are 20 MB, which a worker would hold for every client that is slow to read. What is cut
by its bytes is cut as if by its number: the page says that there is more, and its cursor goes on from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from chatapp.events.snapshots import MessageSnapshot
from chatapp.events.types import AttachmentsUpdated, ChatChanged, MessageEdited

# As counted here. JSON takes up to twice as much, where a text is all quotes: then a frame is as long as all that may
# wait for one socket (`realtime.send_queue.MAX_QUEUED_BYTES`); usually it is half of that.
MAX_PAGE_BYTES = 1 << 19

_MESSAGE = 1000  # bytes of a message without its text: its fields and two names
_FILE = 3000  # bytes of a file: two signed links, a name, a waveform

Item = TypeVar("Item", bound=MessageSnapshot | ChatChanged)


def fitting(items: Sequence[Item]) -> tuple[list[Item], bool]:
    """The first items that fit into a page, at least one; and whether they are fewer than all, or may be.

    A query that stops reading where MAX_PAGE_BYTES of text are exceeded has read enough to be cut here.
    """
    size = 0
    for count, item in enumerate(items):
        size += size_of(item)
        if size > MAX_PAGE_BYTES:
            return list(items[: max(count, 1)]), True
    return list(items), False


def size_of(item: MessageSnapshot | ChatChanged) -> int:
    """Bytes that an item takes in a page, roughly, and never less than its text."""
    if isinstance(item, MessageSnapshot):
        return _size(item, texts=1, files=1)
    if isinstance(item, MessageEdited):
        return _size(item.message, texts=2, files=1)  # the marketplace tells the text twice
    if isinstance(item, AttachmentsUpdated):
        return _size(item.message, texts=1, files=3)  # and files three times
    return _MESSAGE


def _size(message: MessageSnapshot, *, texts: int, files: int) -> int:
    pictures = sum(len(person.picture_url or "") for person in (message.sender, message.receiver))
    return _MESSAGE + pictures + texts * len(message.content.encode()) + files * _FILE * message.attachments_count
