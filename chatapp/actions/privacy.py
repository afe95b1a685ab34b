"""What a user shows to others: whether others see when the user is online, and was last seen.

It is mutual: who hides it does not see it of others. The rule is `queries.fragments.shows_presence`.
"""

from __future__ import annotations

from chatapp import presence
from chatapp.auth.actor import Actor
from chatapp.errors import Unauthorised
from chatapp.events.bus import bus
from chatapp.events.types import PresenceChanged, PrivacyChanged
from chatapp.infra.postgres import database_connection, db
from chatapp.infra.prepared_statements import Statement
from chatapp.models import User
from chatapp.queries import chats as chat_queries
from chatapp.transaction import unit_of_work


def hides_last_seen(actor: Actor) -> bool:
    """Whether the actor hides presence.

    Raises:
        Unauthorised: `access_revoked`: the actor does not exist any more.
    """
    with database_connection():
        user = User.select(User.hide_last_seen).where(User.id == actor.id).first()
    if user is None:
        raise Unauthorised("access_revoked")
    return bool(user.hide_last_seen)


# While it is hidden, the time is not stored either.
_CHANGE = Statement("""
UPDATE users SET hide_last_seen = %(hides)s, updated_at = now(),
    last_seen_at = CASE WHEN %(hides)s THEN NULL ELSE last_seen_at END
WHERE id = %(user)s AND erased_at IS NULL AND hide_last_seen <> %(hides)s RETURNING id
""")


def set_hides_last_seen(actor: Actor, hides: bool) -> bool:
    """Hide presence, or show it again. Repeating it changes nothing.

    Returns: the setting.
    """
    with database_connection():
        shown_before = chat_queries.partners(actor.id)
    with unit_of_work() as work:
        changed = db.run(_CHANGE, {"user": actor.id, "hides": hides}).fetchone()
        if changed is None:
            return hides
        work.publish_after_commit(PrivacyChanged((actor.id,), hide_last_seen=hides))
    if hides:
        presence.forget_last_seen_if_possible(actor.uuid)
        _publish(actor, shown_before, are_visible=False)
    else:
        with database_connection():
            shown_now = chat_queries.partners(actor.id)
        _publish(actor, shown_now, are_visible=True)
    return hides


def _publish(actor: Actor, partners: list[tuple[int, str]], *, are_visible: bool) -> None:
    """Publish the presence of the actor to online partners, and theirs to the actor: as it is, or as offline."""
    online = presence.online_among([actor.uuid, *(uuid for _, uuid in partners)])
    present = [(user_id, uuid) for user_id, uuid in partners if uuid in online]
    events = [
        PresenceChanged((actor.id,), user_id=user_id, is_online=are_visible, last_seen=None, user_uuid=uuid)
        for user_id, uuid in present
    ]
    if actor.uuid in online and present:
        recipients = tuple(user_id for user_id, _ in present)
        events.append(
            PresenceChanged(recipients, user_id=actor.id, is_online=are_visible, last_seen=None, user_uuid=actor.uuid)
        )
    bus.publish(events)
