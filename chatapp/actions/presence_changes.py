"""Coming and going, told to chat partners only."""

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
    """A socket of a person opened: partners hear of it if it is the first; one too many ends the oldest."""
    try:
        came, connections = presence.opened(Presence(actor.id, actor.uuid, connection_id))
    except RedisError:
        return  # the next heartbeat notes it
    for replaced in connections[: max(0, len(connections) - max_connections)]:
        bus.publish([ConnectionReplaced(recipients=(actor.id,), connection_id=replaced)])
    if came:
        _tell_partners(actor.id, actor.uuid, is_online=True)


def disconnected(actor: Actor, connection_id: str, *, grace: float) -> None:
    """A socket ended. Absence shorter than `grace` seconds is told to nobody."""
    try:
        presence.closed(Presence(actor.id, actor.uuid, connection_id))
    except RedisError:
        return  # it expires by itself, and the sweep tells
    gevent.spawn_later(grace, _leave_after_grace, actor.id, actor.uuid)


def exchange_presence(one: tuple[int, str], other: tuple[int, str], *, are_visible: bool) -> None:
    """Two people (id, uuid) see each other leave, or be there, as far as they are online.

    For a chat that begins or ceases to show presence.
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
    """Tell that the connections of dead workers are gone; returns how many there were."""
    expired = presence.take_expired()
    for user_id, uuid in {(found.user_id, found.uuid) for found in expired}:
        _left(user_id, uuid)
    return len(expired)


def online_partners(actor: Actor) -> list[int]:
    """People whom the actor shares a chat with that shows presence, and who are online."""
    with database_connection():
        partners = chat_queries.partners(actor.id)
    online = presence.online_among([uuid for _, uuid in partners])
    return sorted(user_id for user_id, uuid in partners if uuid in online)


def online_in(actor: Actor, chats: Iterable[ChatSummary]) -> set[str]:
    """UUIDs of those whom the actor talks to in these chats and who are online, as far as the chats show presence."""
    return presence.online_among([chat.other_of(actor.id).uuid for chat in chats if chat.shows_presence])


def _leave_after_grace(user_id: int, uuid: str) -> None:
    try:
        _left(user_id, uuid)
    except (Unavailable, RedisError) as error:
        log.warning("somebody left and partners were not told", extra={"reason": str(error)})


def _left(user_id: int, uuid: str) -> None:
    if not presence.leave(user_id, uuid):
        return
    moment = clock.now()
    # Erasing takes the same row: a person who is erased while their sockets close is seen no more.
    still_there = (User.id == user_id) & User.erased_at.is_null()
    with database_connection(), db.atomic():
        is_seen = User.update(last_seen_at=moment).where(still_there).execute() > 0
    if is_seen:
        presence.note_last_seen(uuid, moment)
    _tell_partners(user_id, uuid, is_online=False, last_seen=clock.rfc3339(moment) if is_seen else None)


def _tell_partners(user_id: int, uuid: str, *, is_online: bool, last_seen: str | None = None) -> None:
    with database_connection():
        partners = tuple(id for id, _ in chat_queries.partners(user_id))
    if partners:
        told = PresenceChanged(
            recipients=partners, user_id=user_id, is_online=is_online, last_seen=last_seen, user_uuid=uuid
        )
        bus.publish([told])
