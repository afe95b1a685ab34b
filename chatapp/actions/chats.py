"""Finding and creating chats."""

from __future__ import annotations

from dataclasses import dataclass

from chatapp import clock
from chatapp.actions import idempotency_keys
from chatapp.actions.blocking import lock_pair
from chatapp.auth.actor import Actor
from chatapp.errors import Conflict, Forbidden, Invalid, NotFound, Reason
from chatapp.ids.pair_key import pair_key
from chatapp.infra.postgres import database_connection, db
from chatapp.models import ChatMember, Item, User
from chatapp.models.chats import NOT_LISTED
from chatapp.queries import blocks as block_queries
from chatapp.queries import chats as chat_queries
from chatapp.queries import people
from chatapp.transaction import unit_of_work


@dataclass(frozen=True, slots=True)
class Target:
    """The chat of a message, as a client names it: by its id, or by user and item. None for what is not given."""

    chat_id: int | None = None
    other_id: int | None = None
    listing_id: int | None = None
    storefront_product_id: int | None = None

    def check(self, actor: Actor) -> None:
        """Raises Invalid if the target contradicts itself or names the actor."""
        if self.listing_id and self.storefront_product_id:
            wrong = [Reason("listing_or_product")]
            raise Invalid({"listing_id": wrong, "storefront_product_id": wrong}, "contradictory_targets")
        if self.other_id == actor.id:
            raise Invalid({"receiver_id": [Reason("cannot_message_self")]}, "cannot_message_self")


def find_or_create_chat(
    actor: Actor,
    *,
    other_id: int | None = None,
    listing_id: int | None = None,
    storefront_product_id: int | None = None,
    strict_items: bool = True,
    idempotency_key: str | None = None,
) -> int:
    """The id of the chat of two users about an item, or of their direct chat. Creates it if there is none.

    Parameters:
        other_id: the other user. Optional for the buyer of an item; the default is its seller.
        strict_items: whether an unknown item is an error; otherwise a placeholder is inserted.
        idempotency_key: of the message that the chat is for. If it was used, that message is in another chat, and none
            is created.

    Raises:
        Conflict: `client_key_reused`.
        Forbidden: `blocked`: there is no chat, and one of the two blocks the other.
        Invalid: two targets, none, or oneself; `choose_receiver`: the actor sells the item and named no buyer.
        NotFound: no such user or item.
    """
    Target(None, other_id, listing_id, storefront_product_id).check(actor)
    with unit_of_work():
        if listing_id or storefront_product_id:
            kind = "listing" if listing_id else "storefront_product"
            item = _access_item(kind, listing_id or storefront_product_id or 0, strict=strict_items)
            return _item_chat(actor, item, other_id, idempotency_key)
        if not other_id:
            raise Invalid({"receiver_id": [Reason("required_without_chat")]}, "receiver_required")
        _access_person(other_id)
        return _direct_chat(actor, other_id, idempotency_key)


def open_direct_chat(actor: Actor, username: str) -> int:
    """The id of the direct chat with a user. Creates it if there is none.

    The actor's lists show it from now on, those of the other from its first message on.

    Raises:
        NotFound: `user_not_found`.
        Invalid: `cannot_message_self`.
        Forbidden: `blocked`: there is no chat, and one of the two blocks the other.
    """
    with unit_of_work():
        person = people.person_by_username(username)
        if person is None:
            raise NotFound("user_not_found")
        if person.id == actor.id:
            raise Invalid({"username": [Reason("cannot_message_self")]}, "cannot_message_self")
        existing = chat_queries.find(actor.id, person.id, "direct", None)
        if existing is None and person.banned_at is not None:
            raise NotFound("user_not_found")
        chat_id = existing or _direct_chat(actor, person.id, None)
        db.execute_sql(_LIST, {"user": actor.id, "chat": chat_id})
        return chat_id


# For a chat that the other member has opened and that has no messages: it is listed by the time of its creation.
_LIST = f"""
UPDATE chat_members SET active_bucket = floor(extract(epoch FROM c.created_at) / {clock.ACTIVITY_BUCKET}),
    changed_in = transaction_stamp()
FROM chats c WHERE c.id = chat_id AND user_id = %(user)s AND chat_id = %(chat)s AND active_bucket = {NOT_LISTED}
"""


def find_chat(actor: Actor, target: Target) -> int | None:
    """The id of the actor's chat that a target names; None if there is none.

    Raises:
        Invalid: `choose_receiver`: the actor sells the item and named no buyer.
    """
    target.check(actor)
    if target.chat_id:
        return target.chat_id
    kind = "listing" if target.listing_id else "storefront_product" if target.storefront_product_id else "direct"
    item_id = target.listing_id or target.storefront_product_id
    with database_connection():
        found = chat_queries.find(actor.id, target.other_id, kind, item_id)
        if found is None and item_id and not target.other_id:
            item = Item.select(Item.seller_id).where(Item.kind == kind, Item.id == item_id).first()
            _seller_for(actor, item and item.seller_id)
    return found


def other_of(target: Target) -> int | None:
    """The recipient of a message to a chat that does not exist yet; None if not known."""
    if target.other_id:
        return target.other_id
    kind, item_id = (
        ("listing", target.listing_id) if target.listing_id else ("storefront_product", target.storefront_product_id)
    )
    with database_connection():
        item = Item.select(Item.seller_id).where(Item.kind == kind, Item.id == item_id).first()
    return None if item is None else item.seller_id


def _access_person(user_id: int) -> None:
    person = User.select(User.erased_at, User.banned_at).where(User.id == user_id).first()
    if person is None or person.erased_at or person.banned_at:
        raise NotFound("receiver_not_found")


def _access_item(kind: str, item_id: int, *, strict: bool) -> Item:
    item: Item | None = Item.select().where(Item.kind == kind, Item.id == item_id).first()
    if item is None and not strict:
        Item.insert(kind=kind, id=item_id).on_conflict_ignore().execute()
        item = Item.select().where(Item.kind == kind, Item.id == item_id).first()
    if item is None:
        raise NotFound(f"{kind}_not_found")
    return item


def _seller_for(actor: Actor, seller_id: int | None) -> int | None:
    """The default receiver of a message about an item: its seller.

    Raises:
        Invalid: `choose_receiver`: the actor is the seller, and may have any number of buyers.
    """
    if seller_id == actor.id:
        raise Invalid({"receiver_id": [Reason("required_of_seller")]}, "choose_receiver")
    return seller_id


def _item_chat(actor: Actor, item: Item, other_id: int | None, idempotency_key: str | None) -> int:
    """Find or create a chat about an item. If the item has no known seller, the receiver counts as its seller."""
    other_id = other_id or _seller_for(actor, item.seller_id)
    if not other_id:
        raise Invalid({"receiver_id": [Reason("required_without_seller")]}, "receiver_required")
    Target(other_id=other_id).check(actor)
    if item.seller_id and item.seller_id not in (actor.id, other_id):
        raise NotFound("receiver_not_found")
    _access_person(other_id)
    if item.seller_id is None:
        # Without a known seller, either may become the buyer, so the unique index does not serialise the two.
        lock_pair(actor.id, other_id)
    existing = chat_queries.find(actor.id, other_id, item.kind, item.id)
    if existing:
        return existing
    if item.is_deleted:  # existing chats stay, no new ones begin
        raise NotFound(f"{item.kind}_not_found")
    buyer_id, seller_id = (other_id, actor.id) if item.seller_id == actor.id else (actor.id, other_id)
    return _insert_or_find(actor, item.kind, item.id, buyer_id, seller_id, idempotency_key)


_INSERT = """
INSERT INTO chats (kind, item_id, pair_key)
SELECT %(kind)s, %(item)s, %(key)s WHERE NOT EXISTS (
    SELECT 1 FROM blocks WHERE (blocker_id, blocked_id) IN ((%(buyer)s, %(seller)s), (%(seller)s, %(buyer)s))
)
ON CONFLICT DO NOTHING RETURNING id, created_at
"""


def _direct_chat(actor: Actor, other_id: int, idempotency_key: str | None) -> int:
    existing = chat_queries.find(actor.id, other_id, "direct", None)
    return existing or _insert_or_find(actor, "direct", None, actor.id, other_id, idempotency_key)


def _insert_or_find(
    actor: Actor, kind: str, item_id: int | None, buyer_id: int, seller_id: int, idempotency_key: str | None
) -> int:
    """Insert a chat; if a concurrent request inserted it first, the unique index refuses, and that one is found.

    No chat begins while one of the two blocks the other. The pair's lock keeps blocks from changing meanwhile.
    """
    lock_pair(buyer_id, seller_id)
    key = pair_key(kind, item_id, buyer_id, seller_id)
    values = {"kind": kind, "item": item_id, "key": key, "buyer": buyer_id, "seller": seller_id}
    while True:
        inserted = db.execute_sql(_INSERT, values).fetchone()
        if inserted is not None:
            break
        existing = chat_queries.find(buyer_id, seller_id, kind, item_id)
        if existing is not None:
            return existing
        status = block_queries.between(buyer_id, seller_id)
        if status.is_blocked or status.is_blocked_by:
            raise Forbidden("blocked")
        # The chat was deleted between the two statements: try again.
    if idempotency_key is not None and idempotency_keys.is_used(actor, idempotency_key):
        raise Conflict("client_key_reused")
    chat_id = int(inserted[0])
    opened = clock.activity_bucket(inserted[1])
    ChatMember.insert_many(
        [
            {
                "chat_id": chat_id,
                "user_id": user_id,
                "role": role,
                "active_bucket": opened if user_id == actor.id else NOT_LISTED,
            }
            for user_id, role in ((buyer_id, "buyer"), (seller_id, "seller"))
        ]
    ).execute()
    return chat_id
