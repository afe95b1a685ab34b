"""Chats as their members see them in a list."""

from __future__ import annotations

import datetime as dt
import decimal
from dataclasses import dataclass

from chatapp.actor import Actor
from chatapp.events import Person
from chatapp.extensions import db

PARTNERS_LIMIT = 1000  # of the most recently active chats: whose presence a person is shown, and who is shown theirs


@dataclass(frozen=True, slots=True)
class ItemSummary:
    """What a chat is about."""

    title: str
    image_url: str | None
    price: decimal.Decimal | None
    currency: str | None
    is_deleted: bool


@dataclass(frozen=True, slots=True)
class ChatSummary:
    """A chat in the list of one of its two members."""

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
    item: ItemSummary | None


_SUMMARY = """
SELECT c.id, c.kind, c.item_id, b.id, b.uuid::text, b.username, b.name, b.picture_url,
    s.id, s.uuid::text, s.username, s.name, s.picture_url, b.email, s.email,
    CASE WHEN c.buyer_id = me.user_id THEN s.last_seen_at ELSE b.last_seen_at END,
    c.last_seq, c.last_version, c.last_message_id, c.last_message_text, c.last_message_deleted,
    c.last_message_at, c.created_at, c.updated_at,
    greatest(0, c.last_seq - greatest(me.last_read_seq, me.cleared_seq, me.joined_seq)),
    me.is_archived, me.muted_until, me.pinned_at, i.title, i.image_url, i.price, i.currency, i.is_deleted
FROM chat_members me
JOIN chats c ON c.id = me.chat_id
JOIN users b ON b.id = c.buyer_id
JOIN users s ON s.id = c.seller_id
LEFT JOIN items i ON i.kind = c.kind AND i.id = c.item_id
WHERE me.user_id = %(user)s
"""


def page(actor: Actor, *, archived: bool, search: str | None, page: int, limit: int) -> list[ChatSummary]:
    """A page of a person's chats: pinned ones first, then the most recently active.

    Parameters:
        search: part of the other's name or of the item's title, in any case.
    """
    conditions = " AND me.is_archived = %(archived)s"
    if search:
        conditions += """ AND (i.title ILIKE %(like)s OR CASE WHEN c.buyer_id = me.user_id
            THEN s.name || ' ' || s.username ELSE b.name || ' ' || b.username END ILIKE %(like)s)"""
    order = " ORDER BY me.pinned_at DESC NULLS LAST, coalesce(c.last_message_at, c.created_at) DESC, c.id DESC"
    values = {
        "user": actor.id,
        "archived": archived,
        "like": f"%{_escaped(search or '')}%",
        "limit": limit,
        "offset": (page - 1) * limit,
    }
    return _summaries(_SUMMARY + conditions + order + " LIMIT %(limit)s OFFSET %(offset)s", values)


def by_ids(actor: Actor, chat_ids: list[int]) -> list[ChatSummary]:
    """Those of the chats that the person is in, in no order."""
    return _summaries(_SUMMARY + " AND me.chat_id = ANY(%(ids)s)", {"user": actor.id, "ids": chat_ids})


def find(user_id: int, other_id: int | None, kind: str, item_id: int | None) -> int | None:
    """The id of the chat of two people about an item, or of their direct one, whichever of them buys.

    Parameters:
        other_id: None where the item's seller is meant.
    """
    row = db.execute_sql(
        """
        SELECT c.id FROM chats c LEFT JOIN items i ON i.kind = c.kind AND i.id = c.item_id
        WHERE c.kind = %(kind)s AND c.item_id IS NOT DISTINCT FROM %(item)s AND (
            c.buyer_id = %(user)s AND c.seller_id = coalesce(%(other)s, i.seller_id)
            OR c.seller_id = %(user)s AND c.buyer_id = %(other)s
        ) LIMIT 1
        """,
        {"kind": kind, "item": item_id, "user": user_id, "other": other_id},
    ).fetchone()
    return None if row is None else int(row[0])


def unread_counts(user_ids: list[int]) -> dict[int, int]:
    """Unread messages of each person over all chats; only chats with something unread are visited."""
    cursor = db.execute_sql(
        """
        SELECT me.user_id, sum(c.last_seq - greatest(me.last_read_seq, me.cleared_seq, me.joined_seq))::bigint
        FROM chat_members me JOIN chats c ON c.id = me.chat_id
        WHERE me.user_id = ANY(%s) AND me.has_unread GROUP BY me.user_id
        """,
        (user_ids,),
    )
    found = dict(cursor.fetchall())
    return {user_id: max(0, found.get(user_id, 0)) for user_id in user_ids}


def partners(user_id: int) -> list[tuple[int, str]]:
    """People (id, uuid) whom a person shares a chat with, of the most recently active chats."""
    cursor = db.execute_sql(
        """
        SELECT DISTINCT u.id, u.uuid::text FROM (
            SELECT chats.buyer_id, chats.seller_id FROM chat_members me JOIN chats ON chats.id = me.chat_id
            WHERE me.user_id = %(user)s ORDER BY last_message_id DESC LIMIT %(limit)s
        ) c JOIN users u ON u.id = CASE WHEN c.buyer_id = %(user)s THEN c.seller_id ELSE c.buyer_id END
        """,
        {"user": user_id, "limit": PARTNERS_LIMIT},
    )
    return list(cursor.fetchall())


def _summaries(sql: str, values: dict[str, object]) -> list[ChatSummary]:
    summaries = []
    for row in db.execute_sql(sql, values).fetchall():
        item = ItemSummary(*row[28:33]) if row[28] is not None else None
        summaries.append(
            ChatSummary(*row[:3], Person(*row[3:8]), Person(*row[8:13]), *row[13:28], item)  # type: ignore[call-arg]
        )
    return summaries


def _escaped(search: str) -> str:
    """What a person typed, with the wildcards of LIKE taken literally."""
    return search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
