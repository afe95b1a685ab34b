"""Reactions as a column of their message, so that reading a message reads no other table.

`messages.reactions` holds a list per kind: the emoji, the number of users, and the first ten of them (id and UUID). The
table `reactions` has all users; of a kind that has more than ten it says whether a viewer is one of them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from chatapp.events.snapshots import Reaction
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Statement

NAMED = 10  # users that each kind names

Stored = list[list[Any]]


def mine(message: str) -> str:
    """SQL: the kinds of the viewer's own reactions; NULL for a message without reactions.

    Parameters:
        message: alias of a row of `messages`.
    """
    return f"""CASE WHEN {message}.reactions IS NOT NULL THEN ARRAY(
        SELECT emoji FROM reactions WHERE message_id = {message}.id AND user_id = %(viewer)s
    ) END"""


def snapshots(stored: Stored | None, own: Collection[str] | None) -> tuple[Reaction, ...]:
    """The reactions of a message.

    Parameters:
        own: the kinds of the viewer's own; None if there are several viewers.
    """
    return tuple(
        Reaction(
            emoji=emoji,
            count=count,
            user_ids=tuple(user_id for user_id, _ in first),
            user_uuids=tuple(uuid for _, uuid in first),
            is_mine=None if own is None else emoji in own,
        )
        for emoji, count, first in stored or ()
    )


def with_one_more(stored: Stored | None, emoji: str, user_id: int, uuid: str) -> Stored:
    """What is stored after a user reacted who had not."""
    kinds = [[*kind] for kind in stored or ()]
    for kind in kinds:
        if kind[0] == emoji:
            kind[1] += 1
            kind[2] = [*kind[2], [user_id, uuid]][:NAMED]
            return kinds
    return [*kinds, [emoji, 1, [[user_id, uuid]]]]


def with_one_less(stored: Stored | None, emoji: str, first: Sequence[Sequence[Any]]) -> Stored | None:
    """What is stored after a user took a reaction back; None if none is left.

    Parameters:
        first: ids and UUIDs of the first users who are left of this kind.
    """
    kinds = [[*kind] for kind in stored or ()]
    for kind in kinds:
        if kind[0] == emoji:
            kind[1] -= 1
            kind[2] = [[*user] for user in first]
    return [kind for kind in kinds if kind[1] > 0] or None


_FIRST = Statement(f"""
SELECT r.user_id, u.uuid::text FROM (
    SELECT user_id, version FROM reactions WHERE message_id = %(message)s AND emoji = %(emoji)s
    ORDER BY version LIMIT {NAMED}
) r CROSS JOIN LATERAL (SELECT uuid FROM users WHERE id = r.user_id OFFSET 0) u ORDER BY r.version
""")


def first_users(message_id: int, emoji: str) -> list[tuple[int, str]]:
    """Ids and UUIDs of the first users who reacted to a message with an emoji."""
    return [(user_id, uuid) for user_id, uuid in db.run(_FIRST, {"message": message_id, "emoji": emoji}).fetchall()]
