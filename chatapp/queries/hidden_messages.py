"""Messages that a member does not see (`chatapp.access`): of users that the member blocks, in a larger chat, and those
that the member has hidden.

They are in no page, count as read, and are not shown as the newest. `seq` has no gaps, so those among the newest N are
found in N entries of the index of a chat. Only members who block a sender, or have hidden a message, pay for that.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from chatapp.access import Membership, hides_blocked, is_hidden_by
from chatapp.events.snapshots import Person
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Statement
from chatapp.queries import fragments
from chatapp.queries.chat_summaries import ChatSummary
from chatapp.queries.previews import preview
from chatapp.queries.rows import person_list
from chatapp.queries.system_notes import note_of, people_of, system_users
from chatapp.queries.version_ranges import VersionRange, gathered

# Messages of one chat that are examined: 10 ms. Of more unread ones, the older hidden ones count as unread.
EXAMINED = 10_000

UserChat = tuple[int, int]  # ids of a user and of one of their chats

# Of the messages of one chat, to one of its members.
_IS_HIDDEN = f"(sender_id = ANY(%(hidden)s) OR %(has_hidden)s AND {is_hidden_by('%(user)s', 'messages.id')})"

_VERSIONS = Statement(f"""
SELECT coalesce(changed_version, version) FROM messages
WHERE retention IN (0, 1) AND chat_id = %(chat)s AND id BETWEEN %(low)s AND %(high)s AND seq > %(floor)s
    AND {_IS_HIDDEN}
ORDER BY id DESC LIMIT %(limit)s
""")


def versions_between(membership: Membership, low: int, high: int) -> tuple[VersionRange, ...]:
    """The versions of hidden messages between two ids, both included; of the newest `EXAMINED`."""
    if not membership.hides_some or low > high:
        return ()
    values = {
        **_values(membership),
        "low": low,
        "high": high,
        "floor": membership.member.visible_floor,
        "limit": EXAMINED,
    }
    return gathered(version for (version,) in db.run(_VERSIONS, values).fetchall())


_COUNT = Statement(f"""
SELECT count(*) FROM (
    SELECT id, sender_id FROM messages
    WHERE retention IN (0, 1) AND chat_id = %(chat)s AND id BETWEEN %(low)s AND %(high)s
    ORDER BY id DESC LIMIT %(newest)s
) messages WHERE {_IS_HIDDEN}
""")


def count(membership: Membership, newest: int, *, up_to_id: int | None = None) -> int:
    """How many of the newest messages of a chat are hidden; beyond `EXAMINED` they are not counted.

    Parameters:
        newest: the number of messages.
        up_to_id: the newest one; None for that of the chat.
    """
    if not membership.hides_some or newest <= 0:
        return 0
    values = {
        **_values(membership),
        "low": membership.chat.first_message_id,
        "high": membership.chat.last_message_id if up_to_id is None else up_to_id,
        "newest": min(newest, EXAMINED),
    }
    return int(db.run(_COUNT, values).fetchone()[0])


def _values(membership: Membership) -> dict[str, Any]:
    return {
        "chat": membership.chat.id,
        "user": membership.member.user_id,
        "hidden": [*membership.hidden_senders],
        "has_hidden": membership.member.has_hidden,
    }


# `{memberships}` are rows of `chat_members`. OFFSET 0: chats are looked up, and the array is made once for each.
_NEWEST_OF = """
FROM {memberships} m
CROSS JOIN LATERAL (SELECT * FROM chats WHERE id = m.chat_id OFFSET 0) c
CROSS JOIN LATERAL (
    SELECT CASE WHEN %(hides_blocked)s AND c.pair_key IS NULL
        THEN ARRAY(SELECT blocked_id FROM blocks WHERE blocker_id = m.user_id) ELSE ARRAY[]::bigint[] END AS blocked
    OFFSET 0
) viewer
"""
_IS_HIDDEN_FROM_MEMBER = f"""
(found.sender_id = ANY(viewer.blocked) OR m.has_hidden AND {is_hidden_by("m.user_id", "found.id")})
"""
_EXAMINED = f"""
SELECT {{columns}} FROM messages WHERE retention IN (0, 1) AND chat_id = c.id
    AND id BETWEEN c.first_message_id AND c.last_message_id
ORDER BY id DESC LIMIT least({{newest}}, {EXAMINED})
"""
_UNREAD_OF = f"""
SELECT {{result}} {_NEWEST_OF}
CROSS JOIN LATERAL (
    SELECT count(*) AS unread FROM (
        {_EXAMINED.format(columns="id, sender_id", newest=fragments.unread_count("c", "m"))}
    ) found WHERE {_IS_HIDDEN_FROM_MEMBER}
) hidden
"""
_GIVEN = """(
    SELECT given.* FROM unnest(%(users)s::bigint[], %(chats)s::bigint[]) AS wanted (user_id, chat_id)
    CROSS JOIN LATERAL (
        SELECT * FROM chat_members WHERE user_id = wanted.user_id AND chat_id = wanted.chat_id OFFSET 0
    ) given
)"""
_UNREAD_OF_MEMBERS = Statement(_UNREAD_OF.format(memberships=_GIVEN, result="m.user_id, m.chat_id, hidden.unread"))
# Of chats of two only those in which the user has hidden something. Both branches have an index.
_HIDING = f"""(
    SELECT * FROM chat_members m
    WHERE user_id = ANY(%(users)s) AND has_hidden AND NOT {fragments.is_in_larger_chat("m")}
    UNION ALL
    SELECT * FROM chat_members m WHERE user_id = ANY(%(users)s) AND {fragments.is_in_larger_chat("m")}
)"""
_UNREAD_OF_USERS = Statement(
    _UNREAD_OF.format(memberships=_HIDING, result="m.user_id, sum(hidden.unread)::bigint")
    + f"WHERE {fragments.may_hide('c', 'm')} GROUP BY m.user_id"
)


def unread_of_members(memberships: Collection[UserChat]) -> dict[UserChat, int]:
    """How many messages of these chats are hidden from a member and would count as unread."""
    if not memberships:
        return {}
    rows: list[Any] = db.run(_UNREAD_OF_MEMBERS, _wanted(memberships)).fetchall()
    return {(user_id, chat_id): unread for user_id, chat_id, unread in rows}


def unread_of_users(user_ids: Collection[int]) -> dict[int, int]:
    """The same over all chats of each user; those with none may be missing."""
    if not user_ids:
        return {}
    values = {"users": [*user_ids], "hides_blocked": hides_blocked()}
    return dict(db.run(_UNREAD_OF_USERS, values).fetchall())


_MESSAGES_OF = _EXAMINED.format(
    columns="id, seq, sender_id, content, deleted_at IS NOT NULL AS is_deleted, created_at, system",
    newest=f"greatest(0, c.last_seq - {fragments.visible_floor('m')})",
)
_NEWEST_VISIBLE = Statement(f"""
SELECT m.user_id, m.chat_id, found.id, found.seq, found.content, found.is_deleted, found.created_at, found.system,
    CASE WHEN found.system IS NOT NULL THEN {system_users("found.system")} END, (
        SELECT {fragments.receipt_for_others("other")} FROM chat_members other
        WHERE other.user_id = {fragments.counterpart_id("c", "m.user_id")} AND other.chat_id = c.id
    ), {person_list("s")}
{_NEWEST_OF.format(memberships=_GIVEN)}
CROSS JOIN LATERAL (
    SELECT * FROM ({_MESSAGES_OF}) found WHERE NOT {_IS_HIDDEN_FROM_MEMBER} ORDER BY id DESC LIMIT 1
) found
CROSS JOIN LATERAL (SELECT * FROM users WHERE id = found.sender_id OFFSET 0) s
""")


def without_hidden(summaries: Sequence[tuple[int, ChatSummary]]) -> list[tuple[int, ChatSummary]]:
    """Summaries without the hidden messages: fewer unread ones, and the newest one that is visible.

    Parameters:
        summaries: each with the id of its viewer.
    """
    wanted = [(user_id, summary.id) for user_id, summary in summaries if summary.may_hide]
    if not wanted:
        return [*summaries]
    unread = unread_of_members(wanted)
    rows: list[Any] = db.run(_NEWEST_VISIBLE, _wanted(wanted)).fetchall()
    newest = {(user_id, chat_id): message for user_id, chat_id, *message in rows}
    return [
        (user_id, _without_hidden(summary, unread.get((user_id, summary.id), 0), newest.get((user_id, summary.id))))
        if summary.may_hide
        else (user_id, summary)
        for user_id, summary in summaries
    ]


def _without_hidden(summary: ChatSummary, hidden: int, newest: Sequence[Any] | None) -> ChatSummary:
    unread = max(0, summary.unread_count - hidden)
    if newest is None:
        return replace(summary, unread_count=unread, last_message_id=0, last_message_text="")
    id, seq, content, is_deleted, created_at, system, users, read_by_other, *profile = newest
    if id == summary.last_message_id:
        return replace(summary, unread_count=unread)
    sender = Person(*profile)
    note = note_of(system, people_of(users))
    return replace(
        summary,
        group=summary.group and replace(summary.group, last_sender=sender, last_system=note),
        unread_count=unread,
        last_message_id=id,
        last_message_text=preview(content),
        last_message_deleted=is_deleted,
        last_message_sender_id=sender.id,
        # Read by others is not known of a larger chat.
        last_message_is_read=seq
        <= (summary.last_seq - summary.unread_count if sender.id != summary.viewer.id else read_by_other or 0),
        visible_message_at=created_at,
    )


def _wanted(memberships: Collection[UserChat]) -> dict[str, Any]:
    return {
        "users": [user_id for user_id, _ in memberships],
        "chats": [chat_id for _, chat_id in memberships],
        "hides_blocked": hides_blocked(),
    }
