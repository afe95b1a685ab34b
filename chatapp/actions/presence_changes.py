"""Users who come online and go offline: published to their chat partners only."""

from __future__ import annotations

from collections.abc import Iterable

from redis.exceptions import RedisError

from chatapp import presence
from chatapp.actions.departures import BATCH, departures, set_offline
from chatapp.auth.actor import Actor
from chatapp.events.bus import bus
from chatapp.events.types import ConnectionReplaced, PresenceChanged
from chatapp.infra.batching import in_batches
from chatapp.infra.postgres import database_connection
from chatapp.presence import Presence
from chatapp.queries import chats as chat_queries
from chatapp.queries import people
from chatapp.queries.chat_summaries import ChatSummary


def connected(actor: Actor, connection_id: str, *, max_connections: int) -> None:
    """Record an opened socket. The first one publishes that the user is online; one too many closes the oldest."""
    try:
        is_first, connections = presence.opened(Presence(actor.id, actor.uuid, connection_id))
    except RedisError:
        return  # the next heartbeat records it
    for replaced in connections[: max(0, len(connections) - max_connections)]:
        bus.publish([ConnectionReplaced(recipients=(actor.id,), connection_id=replaced)])
    if is_first:
        _publish_online(actor)


def disconnected(actor: Actor, connection_id: str, *, grace: float) -> None:
    """Record a closed socket. If it was the last, the user is offline after `grace` seconds without another."""
    departures.add(Presence(actor.id, actor.uuid, connection_id), grace)


def exchange_presence(one: tuple[int, str], other: tuple[int, str], *, are_visible: bool) -> None:
    """Publish the presence of two users (id and UUID) to each other, when their chat starts or stops showing it.

    Nothing is published if one of them hides it.

    Parameters:
        are_visible: False to show both as offline.
    """
    online = presence.online_among([one[1], other[1]])
    if not online or people.hide_presence(one[0], other[0]):
        return
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
    for users in in_batches({connection.user for connection in expired}, BATCH):
        set_offline(users)
    return len(expired)


def online_partners(actor: Actor) -> list[int]:
    """The ids of the actor's online chat partners, of chats that show presence."""
    with database_connection():
        partners = chat_queries.partners(actor.id)
    online = presence.online_among([uuid for _, uuid in partners])
    return sorted(user_id for user_id, uuid in partners if uuid in online)


def online_in(actor: Actor, chats: Iterable[ChatSummary]) -> set[str]:
    """The UUIDs of the other members of these chats who are online, as far as the chats show presence."""
    return presence.online_among([chat.counterpart.uuid for chat in chats if chat.counterpart and chat.shows_presence])


def _publish_online(actor: Actor) -> None:
    with database_connection():
        partners = tuple(id for id, _ in chat_queries.partners(actor.id))
    if partners:
        event = PresenceChanged(
            recipients=partners, user_id=actor.id, is_online=True, last_seen=None, user_uuid=actor.uuid
        )
        bus.publish([event])
