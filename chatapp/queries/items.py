"""SQL about the items of chats."""

from __future__ import annotations

from chatapp.infra.postgres import db

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


def find_owner(kind: str, item_id: int) -> int | None:
    """The id of the user who sells an item, if it is known."""
    row = db.execute_sql("SELECT seller_id FROM items WHERE kind = %s AND id = %s", (kind, item_id)).fetchone()
    return None if row is None else row[0]
