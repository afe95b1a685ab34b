"""Tickets, with which a browser opens a socket without exposing its token: signed, valid once within 30 seconds.

Postgres enforces single use, so that it holds while Redis is away and after it lost its data. Redis only keeps repeated
tickets away from Postgres.
"""

from __future__ import annotations

import hashlib
import secrets
import time

from itsdangerous import BadData, URLSafeSerializer
from redis.exceptions import RedisError

from chatapp.auth.actor import Actor
from chatapp.errors import Unauthorised
from chatapp.infra.bound import Bound
from chatapp.infra.postgres import database_connection, db
from chatapp.infra.redis_client import redis
from config import Settings

TICKET_SECONDS = 30
_LEEWAY = 2.0  # seconds by which the clocks of our machines may differ
_MAX_LENGTH = 1024


def _serializer(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret_key, salt="socket-ticket", signer_kwargs={"digest_method": hashlib.sha256})


serializer = Bound("The serializer of tickets", _serializer)


def issue(actor: Actor) -> str:
    """A ticket that opens one socket for a user within TICKET_SECONDS."""
    content = [
        secrets.token_urlsafe(16),
        round(time.time() + TICKET_SECONDS, 3),
        actor.id,
        actor.uuid,
        actor.username,
        actor.is_verified,
        actor.family_id,
    ]
    if actor.expires_at is not None:  # omitted otherwise, for older releases
        content.append(actor.expires_at)
    return str(serializer().dumps(content))


def redeem(text: str) -> Actor:
    """Use a ticket up and return its user. `accounts.actor_of_ticket` checks whether the account is still active.

    Raises:
        Unauthorised: `ticket_invalid`, `ticket_expired` or `ticket_used`.
        Unavailable: Postgres is away.
    """
    if len(text) > _MAX_LENGTH:
        raise Unauthorised("ticket_invalid")
    try:
        ticket_id, expires_at, id, uuid, username, is_verified, family_id, *sockets_end = serializer().loads(text)
    except (BadData, ValueError) as error:
        raise Unauthorised("ticket_invalid") from error
    if time.time() > expires_at + _LEEWAY:
        raise Unauthorised("ticket_expired")
    if not _is_first_in_redis(ticket_id) or not _is_first_in_postgres(ticket_id, expires_at):
        raise Unauthorised("ticket_used")
    return Actor(id, uuid, username, is_verified, family_id, *sockets_end)


def forget_expired() -> int:
    """Delete records of expired tickets; returns their number. For a job."""
    with database_connection():
        cursor = db.execute_sql("DELETE FROM used_tickets WHERE expires_at < now() - interval '1 minute'")
        return int(cursor.rowcount)


def _is_first_in_redis(ticket_id: str) -> bool:
    """False if the ticket was certainly used before. True proves nothing: Redis may be away or have lost its data."""
    try:
        return bool(redis().set(f"ticket:{ticket_id}", b"1", nx=True, ex=TICKET_SECONDS * 2))
    except RedisError:
        return True


def _is_first_in_postgres(ticket_id: str, expires_at: float) -> bool:
    with database_connection():
        cursor = db.execute_sql(
            "INSERT INTO used_tickets (id, expires_at) VALUES (%s, to_timestamp(%s)) ON CONFLICT DO NOTHING",
            (ticket_id, expires_at),
        )
        return bool(cursor.rowcount == 1)
