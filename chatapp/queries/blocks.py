"""Blocks between users."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from chatapp.auth.actor import Actor
from chatapp.errors import NotFound
from chatapp.events.snapshots import Person
from chatapp.infra.postgres import db
from chatapp.queries.people import person_to_block
from chatapp.queries.rows import person_list


@dataclass(frozen=True, slots=True)
class BlockedPerson:
    """A block in the list of the blocking user."""

    person: Person
    created_at: dt.datetime


@dataclass(frozen=True, slots=True)
class BlockStatus:
    """Whether one user blocks another, and is blocked by them."""

    is_blocked: bool
    is_blocked_by: bool


_SELECT = f"""
SELECT {person_list("u")}, b.created_at
FROM blocks b JOIN users u ON u.id = b.blocked_id WHERE b.blocker_id = %(blocker)s
"""


def page(
    actor: Actor, *, limit: int, before: tuple[dt.datetime, int] | None = None
) -> tuple[list[BlockedPerson], bool]:
    """Users blocked by a user, the newest block first, and whether there are more. Erased users are left out.

    Parameters:
        before: time of a block and id of the blocked user; only blocks after it in the list.
    """
    conditions = " AND u.erased_at IS NULL"
    if before is not None:
        conditions += " AND (b.created_at, b.blocked_id) < (%(moment)s::timestamptz, %(id)s::bigint)"
    moment, id = before or (None, None)
    rows = db.execute_sql(
        _SELECT + conditions + " ORDER BY b.created_at DESC, b.blocked_id DESC LIMIT %(limit)s",
        {"blocker": actor.id, "moment": moment, "id": id, "limit": limit + 1},
    ).fetchall()
    return [_blocked_person(row) for row in rows[:limit]], len(rows) > limit


def of_pair(blocker_id: int, blocked_id: int) -> BlockedPerson | None:
    """The block of one user by another; None if there is none."""
    values = {"blocker": blocker_id, "blocked": blocked_id}
    row = db.execute_sql(_SELECT + " AND b.blocked_id = %(blocked)s", values).fetchone()
    return None if row is None else _blocked_person(row)


def _blocked_person(row: Iterable[Any]) -> BlockedPerson:
    *person, created_at = row
    return BlockedPerson(Person(*person), created_at)


def status(actor: Actor, who: int | str) -> BlockStatus:
    """Whether the actor blocks a user, and is blocked by them.

    Parameters:
        who: id or username.

    Raises:
        NotFound: `user_not_found`.
    """
    other = person_to_block(who)
    if other is None:
        raise NotFound("user_not_found")
    return between(actor.id, other.id)


def between(user_id: int, other_id: int) -> BlockStatus:
    """Whether one user blocks another, and is blocked by them."""
    rows = db.execute_sql(
        "SELECT blocker_id FROM blocks WHERE (blocker_id, blocked_id) IN ((%s, %s), (%s, %s))",
        (user_id, other_id, other_id, user_id),
    ).fetchall()
    blockers = {blocker_id for (blocker_id,) in rows}
    return BlockStatus(user_id in blockers, other_id in blockers)
