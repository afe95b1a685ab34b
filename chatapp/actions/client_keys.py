"""Client keys of writes other than sending: the same key and body is done once, and answered again.

Sending has its own way through `group_commit`, for many messages at once; both share the table, so a key of one is a
key of the other.
"""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

from chatapp.auth.actor import Actor
from chatapp.errors import Conflict
from chatapp.infra.postgres import db


def is_repeated(actor: Actor, key: str | None, chat_id: int, message_id: int, body: list[Any]) -> bool:
    """Claim a key in the running transaction, under the chat's lock; whether it was claimed before for the same body.

    Parameters:
        key: None is never repeated.
        body: what is asked for, JSON-ready, the verb first.

    Raises:
        Conflict: `client_key_reused`: it was used for something else.
    """
    if key is None:
        return False
    fingerprint = hashlib.blake2b(orjson.dumps(body), digest_size=16).digest()
    inserted = db.execute_sql(
        "INSERT INTO client_keys (sender_id, key, fingerprint, chat_id, message_id) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING RETURNING message_id",
        (actor.id, key, fingerprint, chat_id, message_id),
    ).fetchone()
    if inserted is not None:
        return False
    stored = db.execute_sql(
        "SELECT fingerprint FROM client_keys WHERE sender_id = %s AND key = %s", (actor.id, key)
    ).fetchone()
    if stored is None or bytes(stored[0]) != fingerprint:
        raise Conflict("client_key_reused")
    return True


def is_used(actor: Actor, key: str) -> bool:
    """Whether some write of the actor's claimed the key before."""
    found = db.execute_sql("SELECT 1 FROM client_keys WHERE sender_id = %s AND key = %s", (actor.id, key)).fetchone()
    return found is not None
