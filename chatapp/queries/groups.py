"""Groups and their members."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from chatapp.access import Membership
from chatapp.events.snapshots import Person
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Statement
from chatapp.queries.rows import person_list


class MemberPosition(NamedTuple):
    """The place of a member in the list of a group: by role, then by the time of joining.

    Attributes:
        rank: of the role, 1 for owners.
        joined_seq: `ChatMember.joined_seq`.
    """

    rank: int
    joined_seq: int
    user_id: int


@dataclass(frozen=True, slots=True)
class GroupMember:
    """A member of a group."""

    person: Person
    role: str
    position: MemberPosition


RANK = "CASE m.role WHEN 'owner' THEN 1 WHEN 'admin' THEN 2 ELSE 3 END"
"""SQL of `MemberPosition.rank`."""

# OFFSET 0: users are looked up.
_MEMBERS = Statement(f"""
SELECT {person_list("u")}, m.role, {RANK}, m.joined_seq, m.user_id
FROM (SELECT * FROM chat_members m WHERE chat_id = %(chat)s
    AND ({RANK}, joined_seq, user_id) > (%(rank)s::int, %(joined)s::bigint, %(user)s::bigint)
    ORDER BY {RANK}, joined_seq, user_id LIMIT %(limit)s OFFSET %(offset)s
) m CROSS JOIN LATERAL (SELECT * FROM users WHERE id = m.user_id OFFSET 0) u
ORDER BY {RANK}, m.joined_seq, m.user_id
""")
FIRST = MemberPosition(0, 0, 0)  # before all members


def members(membership: Membership, *, limit: int, after: MemberPosition = FIRST, offset: int = 0) -> list[GroupMember]:
    """Members of a group: owners, admins, then all others, each in the order of joining.

    Parameters:
        membership: shows that the viewer is one of them.
        after: only those after this place, and of these without the first `offset`.
    """
    values = {"chat": membership.chat.id, "limit": limit, "offset": offset}
    values |= {"rank": after.rank, "joined": after.joined_seq, "user": after.user_id}
    rows: list[Any] = db.run(_MEMBERS, values).fetchall()
    return [
        GroupMember(Person(*profile), role, MemberPosition(rank, joined_seq, user_id))
        for *profile, role, rank, joined_seq, user_id in rows
    ]


_JOINED = Statement("SELECT user_id, joined_message_id FROM chat_members WHERE chat_id = %s AND user_id = ANY(%s)")


def joined_ids(chat_id: int, user_ids: Collection[int]) -> dict[int, int]:
    """The `joined_message_id` of those of these users who are members of a chat."""
    return dict(db.run(_JOINED, (chat_id, [*user_ids])).fetchall())


@dataclass(frozen=True, slots=True)
class Candidate:
    """A user who may be added to a group.

    Attributes:
        is_blocked: whether one of the two, the user or the one who adds, blocks the other.
    """

    person: Person
    is_blocked: bool


_CANDIDATES = f"""
SELECT {person_list("u")}, EXISTS (SELECT FROM blocks WHERE blocker_id = u.id AND blocked_id = %(actor)s OFFSET 0)
    OR EXISTS (SELECT FROM blocks WHERE blocker_id = %(actor)s AND blocked_id = u.id OFFSET 0)
FROM users u WHERE {{condition}} AND u.banned_at IS NULL AND u.erased_at IS NULL
"""
_CANDIDATES_BY_ID = Statement(_CANDIDATES.format(condition="u.id = ANY(%(wanted)s)"))
_CANDIDATES_BY_USERNAME = Statement(_CANDIDATES.format(condition="lower(u.username) = ANY(%(wanted)s)"))


def candidates_by_id(actor_id: int, user_ids: Collection[int]) -> list[Candidate]:
    """Those of these users who exist, and are neither banned nor erased."""
    return _candidates(_CANDIDATES_BY_ID, actor_id, [*user_ids])


def candidates_by_username(actor_id: int, usernames: Collection[str]) -> list[Candidate]:
    """The same by username, case-insensitive."""
    wanted = {name.lower() for name in usernames}
    found = _candidates(_CANDIDATES_BY_USERNAME, actor_id, [*wanted])
    # In lower case, some letters of other scripts become Latin: as in `people.person_by_username`.
    ascii_only = {name.lower() for name in usernames if name.isascii()}
    return [each for each in found if each.person.username.isascii() == (each.person.username.lower() in ascii_only)]


def _candidates(statement: Statement, actor_id: int, wanted: Sequence[Any]) -> list[Candidate]:
    rows: list[Any] = db.run(statement, {"actor": actor_id, "wanted": wanted}).fetchall()
    return [Candidate(Person(*profile), is_blocked) for *profile, is_blocked in rows]
