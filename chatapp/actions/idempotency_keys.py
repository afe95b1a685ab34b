"""Idempotency keys of all writes but sending: the same key with the same body is executed once.

`group_commit` handles the keys of sent messages, many at a time. Both share one table, so a key that was used for one
kind of write is used for all.
"""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

from chatapp.auth.actor import Actor
from chatapp.errors import Conflict
from chatapp.infra.postgres import db


def is_repeated(actor: Actor, key: str | None, chat_id: int, message_id: int, body: list[Any]) -> bool:
    """Claim a key in the running transaction, under the chat's lock; returns whether the same write claimed it before.

    Parameters:
        key: None is never a repetition.
        body: the write, JSON-ready, with its verb first.

    Raises:
        Conflict: `client_key_reused`: the key was used for another write.
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
    """Whether any earlier write of the actor claimed the key."""
    found = db.execute_sql("SELECT 1 FROM client_keys WHERE sender_id = %s AND key = %s", (actor.id, key)).fetchone()
    return found is not None
