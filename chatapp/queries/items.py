"""SQL about the items of chats."""

from __future__ import annotations

PAIR_KEY_WITH_OWNER = (
    "(SELECT pair_key(kind, id, seller_id, %(user)s) FROM items WHERE kind = %(kind)s AND id = %(item)s)"
)
"""The key of the chat about an item between a user and who sells it."""


def owner_id(chat: str) -> str:
    """The id of the user who sells the item of a chat; NULL without an item or a known seller.

    Parameters:
        chat: alias of a row of `chats`.
    """
    return f"(SELECT i.seller_id FROM items i WHERE i.kind = {chat}.kind AND i.id = {chat}.item_id)"
