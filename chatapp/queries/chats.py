"""Chats as their members see them in a list."""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chatapp import clock
from chatapp.auth.actor import Actor
from chatapp.events.snapshots import Person
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Statement
from chatapp.queries import fragments

PARTNERS_LIMIT = 1000  # of the most recently active chats: whose presence a person is shown, and who is shown theirs


@dataclass(frozen=True, slots=True)
class ItemSummary:
    """What a chat is about."""

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
        other_last_seen: None where the chat does not show presence, too.
        last_message_is_read: by whom it was written to, as far as this member may know.
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
        """When something was last written, or the chat begun: what lists are ordered by, to the millisecond."""
        return self.last_message_at or self.created_at

    def other_of(self, user_id: int) -> Person:
        """The one whom this member talks to."""
        return self.seller if user_id == self.buyer.id else self.buyer

    @property
    def is_blocked(self) -> bool:
        """Whether either blocks the other."""
        return self.blocks_other or self.is_blocked_by_other

    @property
    def shows_presence(self) -> bool:
        """As `Chat.shows_presence`."""
        return self.last_seq > 0 and not self.is_blocked


# An empty chat is its opener's alone: the other has it from the first message on (`models.chats.NOT_LISTED`).
_LISTED = "active_bucket > 0"
# `Chat.shows_presence`.
_SHOWS_PRESENCE = "c.last_seq > 0 AND NOT c.buyer_blocks AND NOT c.seller_blocks"

_SUMMARY = f"""
SELECT me.user_id, c.id, c.kind, c.item_id, b.id, b.uuid::text, b.username, b.name, b.picture_url,
    s.id, s.uuid::text, s.username, s.name, s.picture_url, b.email, s.email,
    CASE WHEN {_SHOWS_PRESENCE} THEN
        CASE WHEN c.buyer_id = me.user_id THEN s.last_seen_at ELSE b.last_seen_at END END,
    c.last_seq, c.last_version, c.last_message_id, c.last_message_text, c.last_message_deleted,
    c.last_message_at, c.created_at, c.updated_at,
    {fragments.unread_count("c", "me")},
    me.is_archived, me.muted_until, me.pinned_at, c.last_message_sender_id,
    c.last_seq <= CASE WHEN c.last_message_sender_id = me.user_id THEN (
        SELECT {fragments.receipt_for_others("other")} FROM chat_members other
        WHERE other.chat_id = c.id AND other.user_id = c.buyer_id + c.seller_id - me.user_id
    ) ELSE me.last_read_seq END,
    CASE WHEN c.buyer_id = me.user_id THEN c.buyer_blocks ELSE c.seller_blocks END,
    CASE WHEN c.buyer_id = me.user_id THEN c.seller_blocks ELSE c.buyer_blocks END,
    i.title, i.image_url, i.price, i.currency, i.is_deleted
FROM chat_members me
JOIN chats c ON c.id = me.chat_id
JOIN users b ON b.id = c.buyer_id
JOIN users s ON s.id = c.seller_id
LEFT JOIN items i ON i.kind = c.kind AND i.id = c.item_id
"""

# Cursors carry milliseconds, so no order may depend on more.
_ACTIVE_AT = "date_trunc('milliseconds', coalesce(c.last_message_at, c.created_at))"

# Which chats can come onto a page is read from an index of five minutes (docs/data.md). WITH TIES takes the last five
# whole, so that the exact order can be made of what was taken, and no other chats are looked at. They are fetched as an
# array: a planner that cannot know its length never takes to reading all chats that there are.
_NEWEST = f"""
ARRAY(SELECT chat_id FROM chat_members
    WHERE user_id = %(user)s AND is_archived = %(archived)s AND {_LISTED} AND {{condition}}
    ORDER BY active_bucket DESC FETCH FIRST (%(most)s) ROWS WITH TIES)
"""
_OF_BUCKET = """
ARRAY(SELECT chat_id FROM chat_members
    WHERE user_id = %(user)s AND is_archived = %(archived)s AND active_bucket = %(bucket)s)
"""
_BEFORE = f"""
c.id = ANY({_OF_BUCKET} || {_NEWEST.format(condition="active_bucket < %(bucket)s")})
    AND ({_ACTIVE_AT}, c.id) < (date_trunc('milliseconds', %(moment)s::timestamptz), %(id)s::bigint)
"""
_RECENT = f"""
WITH top AS MATERIALIZED (
    SELECT c.id FROM chats c WHERE {{condition}} ORDER BY {_ACTIVE_AT} DESC, c.id DESC LIMIT %(most)s
)
{_SUMMARY} WHERE me.user_id = %(user)s AND me.chat_id IN (SELECT id FROM top) ORDER BY {_ACTIVE_AT} DESC, c.id DESC
"""
_RECENT_FIRST = Statement(_RECENT.format(condition=f"c.id = ANY({_NEWEST.format(condition='true')})"))
_RECENT_BEFORE = Statement(_RECENT.format(condition=_BEFORE))
_PINNED = "FROM chat_members WHERE user_id = %(user)s AND is_archived = %(archived)s AND pinned_at IS NOT NULL"
_PAGE = Statement(f"""
WITH top AS MATERIALIZED (
    SELECT c.id FROM chats c LEFT JOIN (SELECT chat_id, pinned_at {_PINNED}) pinned ON pinned.chat_id = c.id
    WHERE c.id = ANY(ARRAY(SELECT chat_id {_PINNED}) || {_NEWEST.format(condition="pinned_at IS NULL")})
    ORDER BY pinned.pinned_at DESC NULLS LAST, {_ACTIVE_AT} DESC, c.id DESC LIMIT %(limit)s OFFSET %(offset)s
)
{_SUMMARY} WHERE me.user_id = %(user)s AND me.chat_id IN (SELECT id FROM top)
ORDER BY me.pinned_at DESC NULLS LAST, {_ACTIVE_AT} DESC, c.id DESC
""")
_SEARCH = Statement(f"""
{_SUMMARY} WHERE me.user_id = %(user)s AND me.is_archived = %(archived)s AND me.{_LISTED} AND (i.title ILIKE %(like)s
    OR CASE WHEN c.buyer_id = me.user_id THEN s.name || ' ' || s.username ELSE b.name || ' ' || b.username END
        ILIKE %(like)s)
ORDER BY me.pinned_at DESC NULLS LAST, {_ACTIVE_AT} DESC, c.id DESC LIMIT %(limit)s OFFSET %(offset)s
""")


def recent(actor: Actor, *, limit: int, before: tuple[dt.datetime, int] | None = None) -> list[ChatSummary]:
    """A person's chats but for archived ones, the most recently active first; at most `limit`.

    Parameters:
        before: `active_at` and id of a chat; only those that come after it in the list.
    """
    values: dict[str, Any] = {"user": actor.id, "archived": False, "most": limit}
    if before is None:
        return _summaries(_RECENT_FIRST, values)
    moment, id = before
    # The bucket is a value and not computed in the query: only so is it where the index is entered.
    values |= {"moment": moment, "id": id, "bucket": clock.activity_bucket(moment)}
    return _summaries(_RECENT_BEFORE, values)


def page(actor: Actor, *, archived: bool, search: str | None, page: int, limit: int) -> list[ChatSummary]:
    """A page of a person's chats: pinned ones first, then the most recently active.

    Parameters:
        search: part of the other's name or of the item's title, in any case.
    """
    values = {
        "user": actor.id,
        "archived": archived,
        "like": f"%{_escaped(search or '')}%",
        "limit": limit,
        "offset": (page - 1) * limit,
        "most": page * limit,
    }
    return _summaries(_SEARCH if search else _PAGE, values)


def by_ids(actor: Actor, chat_ids: list[int]) -> list[ChatSummary]:
    """Those of the chats that are in the person's lists, in no order."""
    return [summary for _, summary in by_memberships([(actor.id, chat_id) for chat_id in chat_ids])]


_BY_MEMBERSHIPS = Statement(
    _SUMMARY + "JOIN unnest(%(users)s::bigint[], %(chats)s::bigint[]) AS wanted (user_id, chat_id)"
    f" ON wanted.user_id = me.user_id AND wanted.chat_id = me.chat_id AND me.{_LISTED}"
)


def by_memberships(memberships: Sequence[tuple[int, int]]) -> list[tuple[int, ChatSummary]]:
    """Chats as several users see them, unordered, each with the user's id. Unlisted chats are left out.

    Parameters:
        memberships: pairs of a user id and a chat id.
    """
    values = {"users": [user_id for user_id, _ in memberships], "chats": [chat_id for _, chat_id in memberships]}
    return _member_summaries(_BY_MEMBERSHIPS, values)


def by_pair(actor: Actor, other_id: int) -> ChatSummary | None:
    """The direct chat of a person with another, where there is one."""
    chat_id = find(actor.id, other_id, "direct", None)
    return next(iter(by_ids(actor, [chat_id])), None) if chat_id is not None else None


# Each by the unique index of its kind of chats.
_FIND_DIRECT = Statement("""
SELECT id FROM chats WHERE item_id IS NULL AND least(buyer_id, seller_id) = least(%(user)s::bigint, %(other)s::bigint)
    AND greatest(buyer_id, seller_id) = greatest(%(user)s::bigint, %(other)s::bigint)
""")
_FIND_ABOUT_ITEM = Statement("""
SELECT id FROM chats WHERE kind = %(kind)s AND item_id = %(item)s AND buyer_id = %(user)s AND seller_id = coalesce(
    %(other)s::bigint, (SELECT items.seller_id FROM items WHERE items.kind = %(kind)s AND items.id = %(item)s))
UNION ALL
SELECT id FROM chats WHERE kind = %(kind)s AND item_id = %(item)s AND buyer_id = %(other)s AND seller_id = %(user)s
LIMIT 1
""")


def find(user_id: int, other_id: int | None, kind: str, item_id: int | None) -> int | None:
    """The id of the chat of two people about an item, or of their direct one, whichever of them buys.

    Parameters:
        other_id: None where the item's seller is meant.
    """
    values = {"kind": kind, "item": item_id, "user": user_id, "other": other_id}
    row = db.run(_FIND_DIRECT if item_id is None else _FIND_ABOUT_ITEM, values).fetchone()
    return None if row is None else int(row[0])


_UNREAD = Statement(f"""
SELECT f.user_id, (SELECT sum(last_seq) FROM chats WHERE id = ANY(f.chat_ids))::bigint - f.seen FROM (
    SELECT user_id, array_agg(chat_id) AS chat_ids,
        sum({fragments.read_floor("m")})::bigint AS seen
    FROM chat_members m WHERE user_id = ANY(%s) AND has_unread GROUP BY user_id
) f
""")


def was_ever_in(user_id: int, chat_id: int) -> bool:
    """Whether a person is in a chat, or was before it was removed for good."""
    cursor = db.execute_sql(
        "SELECT EXISTS (SELECT 1 FROM chat_members WHERE user_id = %(user)s AND chat_id = %(chat)s)"
        " OR EXISTS (SELECT 1 FROM chat_tombstones WHERE user_id = %(user)s AND chat_id = %(chat)s)",
        {"user": user_id, "chat": chat_id},
    )
    return bool(cursor.fetchone()[0])


def unread_counts(user_ids: list[int]) -> dict[int, int]:
    """Unread messages of each person over all chats; only chats with something unread are visited."""
    found = dict(db.run(_UNREAD, (user_ids,)).fetchall())
    return {user_id: max(0, found.get(user_id, 0)) for user_id in user_ids}


_PARTNERS = Statement(f"""
SELECT DISTINCT u.id, u.uuid::text FROM chats c
JOIN users u ON u.id = CASE WHEN c.buyer_id = %(user)s THEN c.seller_id ELSE c.buyer_id END
WHERE {_SHOWS_PRESENCE} AND c.id = ANY(ARRAY(
    SELECT chat_id FROM (
        (SELECT chat_id, active_bucket FROM chat_members WHERE user_id = %(user)s AND NOT is_archived
            ORDER BY active_bucket DESC LIMIT %(limit)s)
        UNION ALL
        (SELECT chat_id, active_bucket FROM chat_members WHERE user_id = %(user)s AND is_archived
            ORDER BY active_bucket DESC LIMIT %(limit)s)
    ) newest ORDER BY active_bucket DESC LIMIT %(limit)s
))
""")


def partners(user_id: int) -> list[tuple[int, str]]:
    """People (id, uuid) whom a person shares a chat with that shows presence, of the most recently active chats."""
    return list(db.run(_PARTNERS, {"user": user_id, "limit": PARTNERS_LIMIT}).fetchall())


def _summaries(statement: Statement, values: dict[str, Any]) -> list[ChatSummary]:
    return [summary for _, summary in _member_summaries(statement, values)]


def _member_summaries(statement: Statement, values: dict[str, Any]) -> list[tuple[int, ChatSummary]]:
    summaries = []
    for viewer_id, *row in db.run(statement, values).fetchall():
        item = ItemSummary(*row[32:37]) if row[32] is not None else None
        summary = ChatSummary(*row[:3], Person(*row[3:8]), Person(*row[8:13]), *row[13:32], item)  # type: ignore[call-arg]
        summaries.append((viewer_id, summary))
    return summaries


def _escaped(search: str) -> str:
    """What a person typed, with the wildcards of LIKE taken literally."""
    return search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
