"""Users who come online and go offline: published to their chat partners only."""

from __future__ import annotations

import logging
from collections.abc import Iterable

import gevent
from redis.exceptions import RedisError

from chatapp import clock, presence
from chatapp.auth.actor import Actor
from chatapp.errors import Unavailable
from chatapp.events.bus import bus
from chatapp.events.types import ConnectionReplaced, PresenceChanged
from chatapp.infra.postgres import database_connection, db
from chatapp.models import User
from chatapp.presence import Presence
from chatapp.queries import chats as chat_queries
from chatapp.queries.chat_summaries import ChatSummary

log = logging.getLogger(__name__)


def connected(actor: Actor, connection_id: str, *, max_connections: int) -> None:
    """Record an opened socket. The first one publishes that the user is online; one too many closes the oldest."""
    try:
        is_first, connections = presence.opened(Presence(actor.id, actor.uuid, connection_id))
    except RedisError:
        return  # the next heartbeat records it
    for replaced in connections[: max(0, len(connections) - max_connections)]:
        bus.publish([ConnectionReplaced(recipients=(actor.id,), connection_id=replaced)])
    if is_first:
        _publish_to_partners(actor.id, actor.uuid, is_online=True)


def disconnected(actor: Actor, connection_id: str, *, grace: float) -> None:
    """Record a closed socket. If it was the last, the user is offline after `grace` seconds without another."""
    try:
        presence.closed(Presence(actor.id, actor.uuid, connection_id))
    except RedisError:
        return  # the entry expires, and the sweep publishes it
    gevent.spawn_later(grace, _go_offline_after_grace, actor.id, actor.uuid)


def exchange_presence(one: tuple[int, str], other: tuple[int, str], *, are_visible: bool) -> None:
    """Publish the presence of two users (id and UUID) to each other, when their chat starts or stops showing it.

    Parameters:
        are_visible: False to show both as offline.
    """
    online = presence.online_among([one[1], other[1]])
    bus.publish(
        [
            PresenceChanged(
                recipients=(viewer,), user_id=user_id, is_online=are_visible, last_seen=None, user_uuid=uuid
            )
            for (user_id, uuid), (viewer, _) in ((one, other), (other, one))
            if uuid in online
        ]
    )


def sweep() -> int:
    """Publish that users of crashed workers are offline; returns how many connections had expired."""
    expired = presence.take_expired()
    for user_id, uuid in {(found.user_id, found.uuid) for found in expired}:
        _go_offline(user_id, uuid)
    return len(expired)


def online_partners(actor: Actor) -> list[int]:
    """The ids of the actor's online chat partners, of chats that show presence."""
    with database_connection():
        partners = chat_queries.partners(actor.id)
    online = presence.online_among([uuid for _, uuid in partners])
    return sorted(user_id for user_id, uuid in partners if uuid in online)


def online_in(actor: Actor, chats: Iterable[ChatSummary]) -> set[str]:
    """The UUIDs of the other members of these chats who are online, as far as the chats show presence."""
    return presence.online_among([chat.other_of(actor.id).uuid for chat in chats if chat.shows_presence])


def _go_offline_after_grace(user_id: int, uuid: str) -> None:
    try:
        _go_offline(user_id, uuid)
    except (Unavailable, RedisError) as error:
        log.warning("offline status not published", extra={"reason": str(error)})


def _go_offline(user_id: int, uuid: str) -> None:
    if not presence.leave(user_id, uuid):
        return
    moment = clock.now()
    # Erasing locks the same row: an erased user keeps no last-seen time, even if their sockets close afterwards.
    not_erased = (User.id == user_id) & User.erased_at.is_null()
    with database_connection(), db.atomic():
        is_stored = User.update(last_seen_at=moment).where(not_erased).execute() > 0
    if is_stored:
        presence.note_last_seen(uuid, moment)
    _publish_to_partners(user_id, uuid, is_online=False, last_seen=clock.rfc3339(moment) if is_stored else None)


def _publish_to_partners(user_id: int, uuid: str, *, is_online: bool, last_seen: str | None = None) -> None:
    with database_connection():
        partners = tuple(id for id, _ in chat_queries.partners(user_id))
    if partners:
        event = PresenceChanged(
            recipients=partners, user_id=user_id, is_online=is_online, last_seen=last_seen, user_uuid=uuid
        )
        bus.publish([event])
