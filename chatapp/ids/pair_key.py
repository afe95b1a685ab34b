"""Keys of chats of two: kind, item, and both members, the smaller id first.

`direct:7:9`, `listing:42:7:9`. The function `pair_key` of the schema makes the same. The ids come last, whatever is
before them, so the members of a chat are known wherever its row is.
"""

from __future__ import annotations


def pair_key(kind: str, item_id: int | None, one: int, other: int) -> str:
    """The key of the chat of two users about an item, or of their direct chat."""
    return ":".join(map(str, (kind, *(() if item_id is None else (item_id,)), min(one, other), max(one, other))))


def members_of(key: str | None) -> tuple[int, ...]:
    """The ids of both members; nothing for None, the key of a larger chat."""
    if key is None:
        return ()
    _, one, other = key.rsplit(":", 2)
    return int(one), int(other)
