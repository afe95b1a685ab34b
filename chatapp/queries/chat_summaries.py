"""Chats as rows of their summaries in the list of a member."""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from chatapp import clock
from chatapp.events.snapshots import Person
from chatapp.queries import fragments
from chatapp.queries.rows import named, person_columns, select_list


@dataclass(frozen=True, slots=True)
class ItemSummary:
    """The item that a chat is about."""

    title: str
    image_url: str | None
    price: decimal.Decimal | None
    currency: str | None
    is_deleted: bool

    @property
    def shown_price(self) -> float | None:
        """The price; None for a deleted item."""
        return None if self.price is None or self.is_deleted else float(self.price)


@dataclass(frozen=True, slots=True)
class ChatSummary:
    """A chat in the list of one of its two members.

    Attributes:
        other_last_seen: when the other member was last seen; None also if the chat does not show presence.
        last_message_is_read: by its counterpart, as far as this member may know.
    """

    id: int
    kind: str
    item_id: int | None
    buyer: Person
    seller: Person
    buyer_email: str | None
    seller_email: str | None
    other_last_seen: dt.datetime | None
    last_seq: int
    last_version: int
    last_message_id: int
    last_message_text: str
    last_message_deleted: bool
    last_message_at: dt.datetime | None
    created_at: dt.datetime
    updated_at: dt.datetime
    unread_count: int
    is_archived: bool
    muted_until: dt.datetime | None
    pinned_at: dt.datetime | None
    last_message_sender_id: int | None
    last_message_is_read: bool
    blocks_other: bool
    is_blocked_by_other: bool
    item: ItemSummary | None

    @property
    def active_at(self) -> dt.datetime:
        """The time of the last message, or of the chat's creation: the order of lists, in milliseconds."""
        return self.last_message_at or self.created_at

    @property
    def is_muted(self) -> bool:
        """Whether this member has muted the chat now."""
        return self.muted_until is not None and self.muted_until > clock.now()

    @property
    def is_pinned(self) -> bool:
        """Whether this member has pinned the chat."""
        return self.pinned_at is not None

    def other_of(self, user_id: int) -> Person:
        """The other member."""
        return self.seller if user_id == self.buyer.id else self.buyer

    @property
    def is_blocked(self) -> bool:
        """Whether either member blocks the other."""
        return self.blocks_other or self.is_blocked_by_other

    @property
    def shows_presence(self) -> bool:
        """As `Chat.shows_presence`."""
        return self.last_seq > 0 and not self.is_blocked


class _Row(NamedTuple):
    """A summary, its viewer, and the rows that it refers to."""

    viewer_id: int
    id: int
    kind: str
    item_id: int | None
    buyer_id: int
    buyer_uuid: str
    buyer_username: str
    buyer_name: str
    buyer_picture_url: str | None
    seller_id: int
    seller_uuid: str
    seller_username: str
    seller_name: str
    seller_picture_url: str | None
    buyer_email: str | None
    seller_email: str | None
    other_last_seen: dt.datetime | None
    last_seq: int
    last_version: int
    last_message_id: int
    last_message_text: str
    last_message_deleted: bool
    last_message_at: dt.datetime | None
    created_at: dt.datetime
    updated_at: dt.datetime
    unread_count: int
    is_archived: bool
    muted_until: dt.datetime | None
    pinned_at: dt.datetime | None
    last_message_sender_id: int | None
    last_message_is_read: bool
    blocks_other: bool
    is_blocked_by_other: bool
    item_title: str | None
    item_image_url: str | None
    item_price: decimal.Decimal | None
    item_currency: str | None
    item_is_deleted: bool


SHOWS_PRESENCE = "c.last_seq > 0 AND NOT c.buyer_blocks AND NOT c.seller_blocks"
"""SQL of `Chat.shows_presence`."""

_COLUMNS = {
    **{name: f"c.{name}" for name in _Row._fields},
    "viewer_id": "me.user_id",
    **person_columns("b", "buyer"),
    **person_columns("s", "seller"),
    "buyer_email": "b.email",
    "seller_email": "s.email",
    "other_last_seen": f"CASE WHEN {SHOWS_PRESENCE} THEN"
    " CASE WHEN c.buyer_id = me.user_id THEN s.last_seen_at ELSE b.last_seen_at END END",
    "unread_count": fragments.unread_count("c", "me"),
    "is_archived": "me.is_archived",
    "muted_until": "me.muted_until",
    "pinned_at": "me.pinned_at",
    "last_message_is_read": f"""c.last_seq <= CASE WHEN c.last_message_sender_id = me.user_id THEN (
        SELECT {fragments.receipt_for_others("other")} FROM chat_members other
        WHERE other.chat_id = c.id AND other.user_id = c.buyer_id + c.seller_id - me.user_id
    ) ELSE me.last_read_seq END""",
    "blocks_other": "CASE WHEN c.buyer_id = me.user_id THEN c.buyer_blocks ELSE c.seller_blocks END",
    "is_blocked_by_other": "CASE WHEN c.buyer_id = me.user_id THEN c.seller_blocks ELSE c.buyer_blocks END",
    "item_title": "i.title",
    "item_image_url": "i.image_url",
    "item_price": "i.price",
    "item_currency": "i.currency",
    "item_is_deleted": "i.is_deleted",
}
SELECT = f"""
SELECT {select_list(_Row, _COLUMNS)}
FROM chat_members me
JOIN chats c ON c.id = me.chat_id
JOIN users b ON b.id = c.buyer_id
JOIN users s ON s.id = c.seller_id
LEFT JOIN items i ON i.kind = c.kind AND i.id = c.item_id
"""
"""Reads rows for `summaries`, of chats `c` and memberships `me`; conditions follow."""


def summaries(rows: Iterable[Any]) -> list[tuple[int, ChatSummary]]:
    """Summaries, each with the id of its viewer. Summaries of one user share one `Person`."""
    people: dict[int, Person] = {}
    return [(row.viewer_id, _summary(row, people)) for row in named(_Row, rows)]


def _summary(row: _Row, people: dict[int, Person]) -> ChatSummary:
    buyer = people.get(row.buyer_id)
    if buyer is None:
        buyer = people[row.buyer_id] = Person(
            row.buyer_id, row.buyer_uuid, row.buyer_username, row.buyer_name, row.buyer_picture_url
        )
    seller = people.get(row.seller_id)
    if seller is None:
        seller = people[row.seller_id] = Person(
            row.seller_id, row.seller_uuid, row.seller_username, row.seller_name, row.seller_picture_url
        )
    item = None
    if row.item_title is not None:
        item = ItemSummary(row.item_title, row.item_image_url, row.item_price, row.item_currency, row.item_is_deleted)
    return ChatSummary(
        row.id,
        row.kind,
        row.item_id,
        buyer,
        seller,
        row.buyer_email,
        row.seller_email,
        row.other_last_seen,
        row.last_seq,
        row.last_version,
        row.last_message_id,
        row.last_message_text,
        row.last_message_deleted,
        row.last_message_at,
        row.created_at,
        row.updated_at,
        row.unread_count,
        row.is_archived,
        row.muted_until,
        row.pinned_at,
        row.last_message_sender_id,
        row.last_message_is_read,
        row.blocks_other,
        row.is_blocked_by_other,
        item,
    )
