"""Idempotency keys of all writes but sending: the same key with the same write is executed once.

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

Write = list[Any]  # what identifies a write, JSON-ready: its verb first, then its arguments


def claim(actor: Actor, key: str | None, write: Write, *, chat_id: int, message_id: int) -> bool:
    """Claim a key in the running transaction, under the chat's lock; False if the same write claimed it before.

    Parameters:
        key: None is always new.

    Raises:
        Conflict: `client_key_reused`: another write claimed the key.
    """
    if key is None:
        return True
    inserted = db.execute_sql(
        "INSERT INTO client_keys (sender_id, key, fingerprint, chat_id, message_id) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        (actor.id, key, _fingerprint(write), chat_id, message_id),
    ).rowcount
    return inserted > 0 or not was_claimed(actor, key, write)


def was_claimed(actor: Actor, key: str | None, write: Write) -> bool:
    """Whether the same write claimed the key before.

    Raises:
        Conflict: `client_key_reused`: another write did.
    """
    if key is None:
        return False
    found = db.execute_sql(
        "SELECT fingerprint FROM client_keys WHERE sender_id = %s AND key = %s", (actor.id, key)
    ).fetchone()
    if found is None:
        return False
    if bytes(found[0]) != _fingerprint(write):
        raise Conflict("client_key_reused")
    return True


def is_used(actor: Actor, key: str) -> bool:
    """Whether any write of the actor claimed the key before."""
    found = db.execute_sql("SELECT 1 FROM client_keys WHERE sender_id = %s AND key = %s", (actor.id, key)).fetchone()
    return found is not None


def sent_with(actor: Actor, key: str) -> tuple[str, int, int] | None:
    """The message that was sent with a key: its fingerprint, the id of its chat, and its own; None if there is none."""
    found = db.execute_sql(
        "SELECT encode(fingerprint, 'hex'), chat_id, message_id FROM client_keys WHERE sender_id = %s AND key = %s",
        (actor.id, key),
    )
    row: tuple[str, int, int] | None = found.fetchone()
    return row


def chat_of(actor: Actor, key: str) -> int:
    """The id of the chat that the write with this key was about, which may be deleted since."""
    found = db.execute_sql("SELECT chat_id FROM client_keys WHERE sender_id = %s AND key = %s", (actor.id, key))
    return int(found.fetchone()[0])


def _fingerprint(write: Write) -> bytes:
    return hashlib.blake2b(orjson.dumps(write), digest_size=16).digest()
