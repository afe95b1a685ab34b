"""Lists of chats, and counts over them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from chatapp import clock
from chatapp.auth.actor import Actor
from chatapp.ids.pair_key import pair_key
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Statement
from chatapp.queries import chat_summaries, fragments, hidden_messages, shadow_messages
from chatapp.queries import items as item_queries
from chatapp.queries.chat_summaries import ChatSummary

PARTNERS_LIMIT = 1000  # most recently active chats of two whose members see each other's presence

# In milliseconds like cursors: no order may depend on more.
_ACTIVE_AT = "date_trunc('milliseconds', coalesce(c.last_message_at, c.created_at))"

# Pinned chats come first, in the order of their pinning.
_ORDER = f"""
date_trunc('milliseconds', {{pinned_at}}) DESC NULLS LAST, CASE WHEN {{pinned_at}} IS NULL THEN {_ACTIVE_AT} END DESC,
    c.id DESC
"""

_LAST_SEQ = "(SELECT last_seq FROM chats WHERE id = m.chat_id)"

# The candidates for a page are arrays: given an array of unknown length, the planner never chooses to scan all chats.
# Chats of two come from an index on five-minute buckets (docs/data.md). WITH TIES takes the last bucket whole, so that
# the exact order is computed from the candidates alone.
_OF_TWO = f"""
FROM chat_members m WHERE user_id = %(user)s AND is_archived = %(archived)s AND NOT {fragments.is_in_larger_chat("m")}
    AND (%(archived)s OR {fragments.is_snoozed(_LAST_SEQ, "m")} = %(snoozed)s)
"""
_NEWEST = f"""
ARRAY(SELECT chat_id {_OF_TWO} AND active_bucket > 0 AND {{condition}}
    ORDER BY active_bucket DESC FETCH FIRST (%(most)s) ROWS WITH TIES)
"""
_OF_BUCKET = f"ARRAY(SELECT chat_id {_OF_TWO} AND active_bucket = %(bucket)s AND pinned_at IS NULL)"
_PINNED = f"ARRAY(SELECT chat_id {_OF_TWO} AND pinned_at IS NOT NULL)"
# Larger chats have no bucket: all that the user is in are candidates. OFFSET 0: their rows are looked up.
_LARGER = f"""
ARRAY(SELECT chat_id FROM chat_members m
    CROSS JOIN LATERAL (SELECT last_seq FROM chats WHERE id = m.chat_id OFFSET 0) c
    WHERE user_id = %(user)s AND {fragments.is_in_larger_chat("m")}
        AND {fragments.is_archived("c", "m")} = %(archived)s
        AND (%(archived)s OR {fragments.is_snoozed("c.last_seq", "m")} = %(snoozed)s))
"""
_PAGE = f"""
WITH top AS MATERIALIZED (
    SELECT c.id FROM chats c LEFT JOIN (
        SELECT chat_id, pinned_at FROM chat_members WHERE user_id = %(user)s AND pinned_at IS NOT NULL
    ) pinned ON pinned.chat_id = c.id
    WHERE {{condition}}
    ORDER BY {_ORDER.format(pinned_at="pinned.pinned_at")} LIMIT %(limit)s OFFSET %(offset)s
)
{chat_summaries.SELECT} WHERE me.user_id = %(user)s AND me.chat_id IN (SELECT id FROM top)
ORDER BY {_ORDER.format(pinned_at="me.pinned_at")}
"""
_ALL = f"c.id = ANY({_PINNED} || {_NEWEST.format(condition='pinned_at IS NULL')} || {_LARGER})"
_NUMBERED = Statement(_PAGE.format(condition=_ALL))
_AFTER_PINNED = Statement(
    _PAGE.format(
        condition=f"""{_ALL} AND (pinned.pinned_at IS NULL
    OR (date_trunc('milliseconds', pinned.pinned_at), c.id) < (%(moment)s::timestamptz, %(id)s::bigint))"""
    )
)
_AFTER_UNPINNED = Statement(
    _PAGE.format(
        condition=f"""
    c.id = ANY({_OF_BUCKET} || {_NEWEST.format(condition="active_bucket < %(bucket)s AND pinned_at IS NULL")}
        || {_LARGER})
    AND pinned.pinned_at IS NULL
    AND ({_ACTIVE_AT}, c.id) < (date_trunc('milliseconds', %(moment)s::timestamptz), %(id)s::bigint)"""
    )
)
_SEARCH = Statement(f"""
{chat_summaries.SELECT} WHERE me.user_id = %(user)s AND {fragments.is_archived("c", "me")} = %(archived)s
    AND (%(archived)s OR {fragments.is_snoozed("c.last_seq", "me")} = %(snoozed)s)
    AND {fragments.is_listed("me")}
    AND (i.title ILIKE %(like)s OR c.title ILIKE %(like)s OR o.name || ' ' || o.username ILIKE %(like)s)
ORDER BY {_ORDER.format(pinned_at="me.pinned_at")} LIMIT %(limit)s OFFSET %(offset)s
""")


class Position(NamedTuple):
    """Where a chat is in a user's list.

    Attributes:
        moment: when the user pinned it, or else its `active_at`.
    """

    moment: dt.datetime
    chat_id: int
    is_pinned: bool = False


def recent(
    actor: Actor,
    *,
    limit: int,
    before: Position | None = None,
    archived: bool = False,
    snoozed: bool = False,
) -> list[ChatSummary]:
    """A user's chats, neither archived nor snoozed ones: pinned ones first, then the most recently active.

    Parameters:
        limit: most chats.
        before: only chats that follow this position in the list.
        archived, snoozed: the archived chats instead, or the snoozed ones that are not archived.
    """
    values: dict[str, Any] = {"user": actor.id, "archived": archived, "snoozed": snoozed}
    values |= {"limit": limit, "offset": 0, "most": limit}
    if before is None:
        return _summaries(_NUMBERED, values)
    values |= {"moment": before.moment, "id": before.chat_id}
    if before.is_pinned:
        return _summaries(_AFTER_PINNED, values)
    # A value, not computed in the query: only then is it a condition of the index.
    return _summaries(_AFTER_UNPINNED, values | {"bucket": clock.activity_bucket(before.moment)})


def page(
    actor: Actor,
    *,
    archived: bool,
    search: str | None,
    page: int,
    limit: int,
    snoozed: bool = False,
) -> list[ChatSummary]:
    """A page of a user's chats, as `recent` lists them.

    Parameters:
        search: part of the other member's name, of the item's title or of the group's, case-insensitive.
    """
    values = {
        "user": actor.id,
        "archived": archived,
        "snoozed": snoozed,
        "like": f"%{_escaped(search or '')}%",
        "limit": limit,
        "offset": (page - 1) * limit,
        "most": page * limit,
    }
    return _summaries(_SEARCH if search else _NUMBERED, values)


def by_ids(actor: Actor, chat_ids: list[int]) -> list[ChatSummary]:
    """The given chats as far as they are in the user's lists, unordered."""
    return [summary for _, summary in by_memberships([(actor.id, chat_id) for chat_id in chat_ids])]


_BY_MEMBERSHIPS = Statement(
    chat_summaries.SELECT + "JOIN unnest(%(users)s::bigint[], %(chats)s::bigint[]) AS wanted (user_id, chat_id)"
    f" ON wanted.user_id = me.user_id AND wanted.chat_id = me.chat_id AND {fragments.is_listed('me')}"
)


def by_memberships(memberships: Sequence[tuple[int, int]]) -> list[tuple[int, ChatSummary]]:
    """Chats as several users see them, unordered, each with the user's id. Unlisted chats are left out.

    Parameters:
        memberships: pairs of a user id and a chat id.
    """
    values = {"users": [user_id for user_id, _ in memberships], "chats": [chat_id for _, chat_id in memberships]}
    return _member_summaries(_BY_MEMBERSHIPS, values)


def by_pair(actor: Actor, other_id: int) -> ChatSummary | None:
    """The direct chat of two users; None if there is none."""
    chat_id = find(actor.id, other_id, "direct", None)
    return next(iter(by_ids(actor, [chat_id])), None) if chat_id is not None else None


_FIND = Statement("SELECT id FROM chats WHERE pair_key = %(key)s")
_FIND_WITH_OWNER = Statement(f"SELECT id FROM chats WHERE pair_key = {item_queries.PAIR_KEY_WITH_OWNER}")


def find(user_id: int, other_id: int | None, kind: str, item_id: int | None) -> int | None:
    """The id of the chat of two users about an item, or of their direct chat, in either role.

    Parameters:
        other_id: None for the owner of the item.
    """
    if other_id is None:
        row = db.run(_FIND_WITH_OWNER, {"kind": kind, "item": item_id, "user": user_id}).fetchone()
    else:
        row = db.run(_FIND, {"key": pair_key(kind, item_id, user_id, other_id)}).fetchone()
    return None if row is None else int(row[0])


_UNREAD = Statement(f"""
SELECT f.user_id, (SELECT sum(last_seq) FROM chats WHERE id = ANY(f.chat_ids))::bigint - f.seen,
    EXISTS (SELECT FROM blocks WHERE blocker_id = f.user_id OFFSET 0)
        OR EXISTS (SELECT FROM chat_members WHERE user_id = f.user_id AND has_hidden OFFSET 0)
FROM (
    SELECT user_id, array_agg(chat_id) AS chat_ids,
        sum({fragments.read_floor("m")})::bigint AS seen
    FROM {fragments.may_have_unread("%(users)s")} m GROUP BY user_id
) f
""")


def was_ever_in(user_id: int, chat_id: int) -> bool:
    """Whether a user is a member of a chat, or was when it was deleted."""
    cursor = db.execute_sql(
        "SELECT EXISTS (SELECT 1 FROM chat_members WHERE user_id = %(user)s AND chat_id = %(chat)s)"
        " OR EXISTS (SELECT 1 FROM chat_tombstones WHERE user_id = %(user)s AND chat_id = %(chat)s)",
        {"user": user_id, "chat": chat_id},
    )
    return bool(cursor.fetchone()[0])


def unread_counts(user_ids: list[int]) -> dict[int, int]:
    """Unread messages of each user over all chats; visits only chats that may have some."""
    rows: list[Any] = db.run(_UNREAD, {"users": user_ids}).fetchall()
    hidden = hidden_messages.unread_of_users([user_id for user_id, unread, hides in rows if hides and unread > 0])
    found = {user_id: unread - hidden.get(user_id, 0) for user_id, unread, _ in rows}
    return {user_id: max(0, found.get(user_id, 0)) for user_id in user_ids}


# Lateral and distinct, so that it is planned for one user at a time. Joined, it might scan all chats for a few users.
_PARTNERS = Statement(f"""
SELECT me.id, partner.id, partner.uuid FROM unnest(%(users)s::bigint[]) wanted (id)
CROSS JOIN LATERAL (SELECT * FROM users WHERE id = wanted.id OFFSET 0) me, LATERAL (
    SELECT DISTINCT u.id, u.uuid::text FROM chats c
    JOIN users u ON u.id = {fragments.counterpart_id("c", "me.id")}
    WHERE {fragments.shows_presence("c", "me", "u")} AND c.id = ANY(ARRAY(
        SELECT chat_id FROM (
            (SELECT chat_id, active_bucket FROM chat_members m WHERE user_id = me.id AND NOT is_archived
                AND NOT {fragments.is_in_larger_chat("m")} ORDER BY active_bucket DESC LIMIT %(limit)s)
            UNION ALL
            (SELECT chat_id, active_bucket FROM chat_members m WHERE user_id = me.id AND is_archived
                AND NOT {fragments.is_in_larger_chat("m")} ORDER BY active_bucket DESC LIMIT %(limit)s)
        ) newest ORDER BY active_bucket DESC LIMIT %(limit)s
    ))
) partner
""")


def partners(user_id: int) -> list[tuple[int, str]]:
    """Users (id, UUID) in the most recently active chats of two of a user, where the chat shows presence."""
    return partners_of([user_id])[user_id]


def partners_of(user_ids: Sequence[int]) -> dict[int, list[tuple[int, str]]]:
    """The same for each of several users."""
    found: dict[int, list[tuple[int, str]]] = {user_id: [] for user_id in user_ids}
    for user_id, partner_id, uuid in db.run(_PARTNERS, {"users": [*user_ids], "limit": PARTNERS_LIMIT}).fetchall():
        found[user_id].append((partner_id, uuid))
    return found


def _summaries(statement: Statement, values: dict[str, Any]) -> list[ChatSummary]:
    return [summary for _, summary in _member_summaries(statement, values)]


def _member_summaries(statement: Statement, values: dict[str, Any]) -> list[tuple[int, ChatSummary]]:
    found = hidden_messages.without_hidden(chat_summaries.summaries(db.run(statement, values).fetchall()))
    return shadow_messages.with_own_newest(found)


def _escaped(search: str) -> str:
    """A search text with the wildcards of LIKE escaped."""
    return search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
