"""Who blocks whom."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from chatapp.auth.actor import Actor
from chatapp.errors import NotFound
from chatapp.events.snapshots import Person
from chatapp.infra.postgres import db
from chatapp.queries.people import person_by_username


@dataclass(frozen=True, slots=True)
class BlockedPerson:
    """A block, as the one who put it up sees it."""

    person: Person
    created_at: dt.datetime


@dataclass(frozen=True, slots=True)
class BlockStatus:
    """Whether a person blocks another, and is blocked by them."""

    is_blocked: bool
    is_blocked_by: bool


_SELECT = """
SELECT u.id, u.uuid::text, u.username, u.name, u.picture_url, b.created_at
FROM blocks b JOIN users u ON u.id = b.blocked_id WHERE b.blocker_id = %(blocker)s
"""


def page(
    actor: Actor, *, limit: int, before: tuple[dt.datetime, int] | None = None
) -> tuple[list[BlockedPerson], bool]:
    """People whom a person blocks, the newest block first, and whether there are more. Erased people are left out.

    Parameters:
        before: time of a block and id of the blocked person; only blocks that come after that one in the list.
    """
    conditions = " AND u.erased_at IS NULL"
    if before is not None:
        conditions += " AND (b.created_at, b.blocked_id) < (%(moment)s::timestamptz, %(id)s::bigint)"
    moment, id = before or (None, None)
    rows = db.execute_sql(
        _SELECT + conditions + " ORDER BY b.created_at DESC, b.blocked_id DESC LIMIT %(limit)s",
        {"blocker": actor.id, "moment": moment, "id": id, "limit": limit + 1},
    ).fetchall()
    return [BlockedPerson(Person(*row[:5]), row[5]) for row in rows[:limit]], len(rows) > limit


def of_pair(blocker_id: int, blocked_id: int) -> BlockedPerson | None:
    """The block of one person by another, where there is one."""
    values = {"blocker": blocker_id, "blocked": blocked_id}
    row = db.execute_sql(_SELECT + " AND b.blocked_id = %(blocked)s", values).fetchone()
    return None if row is None else BlockedPerson(Person(*row[:5]), row[5])


def status(actor: Actor, username: str) -> BlockStatus:
    """Whether the actor blocks somebody, and is blocked by them.

    Raises:
        NotFound: `user_not_found`.
    """
    other = person_by_username(username)
    if other is None:
        raise NotFound("user_not_found")
    return between(actor.id, other.id)


def between(user_id: int, other_id: int) -> BlockStatus:
    """Whether one person blocks another, and is blocked by them."""
    rows = db.execute_sql(
        "SELECT blocker_id FROM blocks WHERE (blocker_id, blocked_id) IN ((%s, %s), (%s, %s))",
        (user_id, other_id, other_id, user_id),
    ).fetchall()
    blockers = {blocker_id for (blocker_id,) in rows}
    return BlockStatus(user_id in blockers, other_id in blockers)
