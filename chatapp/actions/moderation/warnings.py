"""Warnings of moderators. A user sees each on all devices until they acknowledge it on one."""

from __future__ import annotations

from chatapp import clock
from chatapp.auth.actor import Actor
from chatapp.errors import NotFound
from chatapp.events.moderation import WarningChanged
from chatapp.models import ModeratorWarning
from chatapp.transaction import UnitOfWork, unit_of_work


def warn(work: UnitOfWork, user_id: int, *, message_id: int | None, reason: str) -> None:
    """Warn a user, in a running unit of work.

    Parameters:
        message_id: the message that it is about.
        reason: for the user.
    """
    warning = ModeratorWarning.create(user_id=user_id, message_id=message_id, reason=reason)
    work.publish_after_commit(_event(ModeratorWarning.get_by_id(warning.id)))


def acknowledge(actor: Actor, warning_id: int | str) -> ModeratorWarning:
    """Note that a user has seen a warning. Repeating it changes nothing.

    Parameters:
        warning_id: its integer id, or its UUID.

    Raises:
        NotFound: `warning_not_found`.
    """
    field = ModeratorWarning.id if isinstance(warning_id, int) else ModeratorWarning.uuid
    with unit_of_work() as work:
        own = (field == warning_id) & (ModeratorWarning.user_id == actor.id)
        warning: ModeratorWarning | None = ModeratorWarning.select().where(own).for_update().first()
        if warning is None:
            raise NotFound("warning_not_found")
        if warning.acknowledged_at is None:
            warning.acknowledged_at = clock.now()
            warning.save(only=[ModeratorWarning.acknowledged_at])
            work.publish_after_commit(_event(warning))
    return warning


def _event(warning: ModeratorWarning) -> WarningChanged:
    return WarningChanged(
        (warning.user_id,),
        id=warning.id,
        uuid=str(warning.uuid),
        message_id=warning.message_id,
        reason=warning.reason,
        created_at=clock.rfc3339(warning.created_at),
        acknowledged_at=None if warning.acknowledged_at is None else clock.rfc3339(warning.acknowledged_at),
    )
