"""The item catalogue: copies of the host's listings and storefront products."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chatapp import clock
from chatapp.actions import item_index
from chatapp.errors import Invalid, NotFound, Reason
from chatapp.models import Item
from chatapp.queries import people
from chatapp.transaction import unit_of_work

OPTIONAL: dict[str, Any] = {
    "image_url": None,
    "price": None,
    "currency": None,
    "description": "",
    "category": None,
    "attributes": None,
    "url": None,
    "is_available": True,
}
"""Columns that the host may leave out, with what they are then."""


def put_item(kind: str, item_id: int, description: Mapping[str, Any]) -> Item:
    """Insert or replace an item; a deleted one is restored.

    Parameters:
        kind: `listing` or `storefront_product`.
        description: `title`, `seller` (integer id or UUID of a user, or None), and the columns of `OPTIONAL`, of which
            those that are missing become empty.

    Raises:
        Invalid: the seller is unknown.
    """
    columns = {name: description.get(name, default) for name, default in OPTIONAL.items()}
    columns |= {"title": description["title"], "seller_id": _seller_id(description.get("seller"))}
    item_index.load_lexicon()
    with unit_of_work():
        item = _upsert(kind, item_id, columns | {"is_deleted": False})
        item_index.write([item])
        return item


def delete_item(kind: str, item_id: int) -> Item:
    """Mark an item as deleted: chats about it stay, and show a placeholder.

    Raises:
        NotFound: `item_not_found`.
    """
    with unit_of_work():
        item = (Item.kind == kind) & (Item.id == item_id)
        if not Item.update(is_deleted=True, updated_at=clock.now()).where(item).execute():
            raise NotFound("item_not_found")
        item_index.remove(kind, item_id)
        return Item.get(item)


def _seller_id(reference: int | str | None) -> int | None:
    if reference is None:
        return None
    seller = people.person_of_reference(reference)
    if seller is None:
        raise Invalid({"seller_id": [Reason("no_such_user")]})
    return int(seller.id)


def _upsert(kind: str, item_id: int, columns: dict[str, Any]) -> Item:
    changes = {getattr(Item, name): value for name, value in columns.items()} | {Item.updated_at: clock.now()}
    statement = Item.insert(kind=kind, id=item_id, **columns).on_conflict(
        conflict_target=[Item.kind, Item.id], update=changes
    )
    rows: list[Item] = list(statement.returning(Item).execute())
    return rows[0]
