"""Bans, with a reason and perhaps an end. A banned user is logged out and refused.

A shadow-banned user is not refused: what they write reaches no one else (`chatapp.access.is_shadow_banned`).
"""

from __future__ import annotations

import datetime as dt

from chatapp import clock
from chatapp.access import shadow_bans
from chatapp.actions import people as people_actions
from chatapp.actions.moderation import log
from chatapp.errors import Conflict, Invalid, NotFound, Reason
from chatapp.events.moderation import ModerationChanged
from chatapp.infra.postgres import database_connection, db
from chatapp.models import Ban, User
from chatapp.transaction import UnitOfWork, unit_of_work

BATCH = 200  # bans that end in one run of the job


def ban(
    user_id: int,
    *,
    reason: str = "",
    until: dt.datetime | None = None,
    is_shadow: bool = False,
    moderator: str = log.SERVICE,
) -> Ban:
    """Ban a user: all their log-ins end, all their sockets close. A new ban replaces the one before.

    Parameters:
        reason: for moderators.
        until: when it ends; None for never.
        is_shadow: whether it is a shadow ban, which ends no log-in.

    Raises:
        NotFound: `user_not_found`.
        Conflict: `user_erased`.
        Invalid: `until` is over.
    """
    with unit_of_work() as work:
        impose(work, user_id, reason=reason, until=until, is_shadow=is_shadow)
        action = "shadow_ban" if is_shadow else "ban"
        until_text = None if until is None else clock.rfc3339(until)
        log.add(action, moderator=moderator, user_id=user_id, reason=reason, until=until_text)
        stored = Ban.get_by_id(user_id)
    shadow_bans.refresh_or_log()  # the other processes do it when they receive the event
    return stored


def impose(work: UnitOfWork, user_id: int, *, reason: str, until: dt.datetime | None, is_shadow: bool) -> None:
    """Ban a user in a running unit of work; the caller logs it, and refreshes `shadow_bans` after its commit.

    Raises:
        ChatError: as in `ban`.
    """
    if until is not None and until <= clock.now():
        raise Invalid({"until": [Reason("not_in_future")]})
    user = lock_user(user_id)
    if user.erased_at is not None:
        raise Conflict("user_erased")
    values = {"is_shadow": is_shadow, "reason": reason, "until": until, "created_at": clock.now()}
    was_shadow = _end(user_id)
    Ban.insert(user_id=user_id, **values).execute()
    User.update(banned_at=None if is_shadow else clock.now()).where(User.id == user_id).execute()
    if is_shadow:
        db.execute_sql("INSERT INTO shadow_authors (user_id) VALUES (%s) ON CONFLICT DO NOTHING", (user_id,))
    if is_shadow or was_shadow:
        work.publish_after_commit(ModerationChanged(()))
    if not is_shadow:
        people_actions.revoke_all(work, user_id)


def unban(user_id: int, *, reason: str = "", moderator: str = log.SERVICE) -> None:
    """End the ban of a user, of either kind. Without one, nothing changes.

    What a shadow-banned user wrote stays hidden from others.

    Raises:
        NotFound: `user_not_found`.
    """
    with unit_of_work() as work:
        user = lock_user(user_id)
        is_shadow = _end(user_id)
        if is_shadow is None and user.banned_at is None:
            return
        User.update(banned_at=None).where(User.id == user_id).execute()
        log.add("unban", moderator=moderator, user_id=user_id, reason=reason)
        if is_shadow:
            work.publish_after_commit(ModerationChanged(()))
    shadow_bans.refresh_or_log()


def end_bans() -> int:
    """End the bans whose time is over, as a job; returns how many."""
    ended = 0
    while True:
        with database_connection():
            due = db.execute_sql("SELECT user_id FROM bans WHERE until <= now() ORDER BY until LIMIT %s", (BATCH,))
            user_ids = [user_id for (user_id,) in due.fetchall()]
        ended += sum(_end_if_due(user_id) for user_id in user_ids)
        if len(user_ids) < BATCH:
            return ended


def _end_if_due(user_id: int) -> bool:
    """End a ban unless it was changed meanwhile; returns whether it ended."""
    with unit_of_work() as work:
        lock_user(user_id)  # before the ban, as everywhere
        row = db.execute_sql(
            "DELETE FROM bans WHERE user_id = %s AND until <= now() RETURNING is_shadow", (user_id,)
        ).fetchone()
        if row is None:
            return False
        User.update(banned_at=None).where(User.id == user_id).execute()
        log.add("ban_ended", moderator=log.JOB, user_id=user_id)
        if row[0]:
            work.publish_after_commit(ModerationChanged(()))
    shadow_bans.refresh_or_log()
    return True


def _end(user_id: int) -> bool | None:
    """Delete the ban of a user; returns whether it was a shadow ban, None without one."""
    row = db.execute_sql("DELETE FROM bans WHERE user_id = %s RETURNING is_shadow", (user_id,)).fetchone()
    return None if row is None else bool(row[0])


def lock_user(user_id: int) -> User:
    """Lock a user's row until the transaction ends.

    Raises:
        NotFound: `user_not_found`.
    """
    user: User | None = User.select().where(User.id == user_id).for_update().first()
    if user is None:
        raise NotFound("user_not_found")
    return user
