"""Who is a moderator. The role is checked here, and nowhere else."""

from __future__ import annotations

from chatapp import clock
from chatapp.actions.moderation import log
from chatapp.actions.moderation.bans import lock_user
from chatapp.auth.actor import Actor
from chatapp.errors import Conflict, Forbidden
from chatapp.models import User
from chatapp.queries import people
from chatapp.transaction import unit_of_work


def check_moderator(actor: Actor) -> None:
    """Require the role.

    Raises:
        Forbidden: `moderator_required`.
    """
    if not people.is_moderator(actor.id):
        raise Forbidden("moderator_required")


def check_no_moderator(user_id: int) -> None:
    """Require that a user does not have the role.

    Raises:
        Forbidden: `user_is_moderator`.
    """
    if people.is_moderator(user_id):
        raise Forbidden("user_is_moderator")


def set_moderator(user_id: int, is_moderator: bool, *, moderator: str = log.SERVICE) -> User:
    """Give the role to a user, or take it. Without a change, nothing is logged.

    Parameters:
        moderator: who does it, for the log.

    Raises:
        NotFound: `user_not_found`.
        Conflict: `user_erased`.
    """
    with unit_of_work():
        user = lock_user(user_id)
        if user.erased_at is not None and is_moderator:
            raise Conflict("user_erased")
        if user.is_moderator != is_moderator:
            changed = {"is_moderator": is_moderator, "updated_at": clock.now()}
            User.update(**changed).where(User.id == user_id).execute()
            user.is_moderator = is_moderator
            action = "moderator_added" if is_moderator else "moderator_removed"
            log.add(action, moderator=moderator, user_id=user_id)
    return user
