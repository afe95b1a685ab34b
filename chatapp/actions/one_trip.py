"""Storing messages in one round trip, by functions of the database.

The functions (migration 0012) do what `group_commit` does in two round trips, for usual messages in chats that no other
transaction has locked. The rest is left to `group_commit`, which also knows why a message is refused. Both take the
same locks and write the same rows, so they run side by side.
"""

from __future__ import annotations

import logging
from collections import Counter
from typing import Any

import orjson
from peewee import DatabaseError, IntegrityError

from chatapp import clock
from chatapp.actions import group_commit
from chatapp.actions.content import preview
from chatapp.actions.draft import Draft
from chatapp.actions.group_commit import Outcome
from chatapp.events.snapshots import MessageSnapshot, Person
from chatapp.events.types import MessageSent
from chatapp.ids import snowflake
from chatapp.infra.postgres import database_connection, db
from chatapp.infra.prepared_statements import Statement

log = logging.getLogger(__name__)

# Connections are in autocommit, so each call is a transaction. There are two functions because a single message takes
# half as long again with the one for lists.
_STORE_ONE = Statement("""
SELECT store_message_v2(%(chat_id)s, %(sender_id)s, %(message_type)s, %(content)s, %(preview)s, %(location)s, %(key)s,
    %(client_key)s, %(fingerprint)s, %(has_links)s, %(original_language)s, %(origin)s, %(to_user)s, %(to_kind)s,
    %(to_item)s, %(is_found)s)
""")
_STORE_MANY = Statement("SELECT store_messages_v2(%(chat_ids)s, %(drafts)s)")


def commit(drafts: list[Draft]) -> list[Outcome]:
    """As `group_commit.commit`, with one round trip where that is possible.

    Raises:
        Unavailable: as there.
    """
    outcomes: dict[int, Outcome] = {}
    usual = _usual(drafts)
    if usual:
        for position, event in _store([drafts[index] for index in usual]):
            outcomes[usual[position]] = event.message
    others = [index for index in range(len(drafts)) if index not in outcomes]
    if others:
        outcomes |= zip(others, group_commit.commit([drafts[index] for index in others]), strict=True)
    return [outcomes[index] for index in range(len(drafts))]


def _usual(drafts: list[Draft]) -> list[int]:
    """The indexes of the drafts that the functions can store.

    An unusual one takes the others of its chat with it, so that all of them are stored in their order.
    """
    if len(drafts) == 1:
        return [0] if _is_usual(drafts[0]) else []
    uses = Counter((draft.sender_id, draft.key) for draft in drafts)
    unusual = {draft.chat_id for draft in drafts if uses[draft.sender_id, draft.key] > 1 or not _is_usual(draft)}
    return [index for index, draft in enumerate(drafts) if draft.chat_id not in unusual]


def _is_usual(draft: Draft) -> bool:
    if draft.attachment_ids or draft.has_references:
        return False
    return not (draft.target.listing_id and draft.target.storefront_product_id)


def _store(drafts: list[Draft]) -> list[tuple[int, MessageSent]]:
    """Store the drafts that the functions accept, and publish their events; returns indexes and events."""
    try:
        with database_connection():
            outbox_id, rows = _call(drafts)
    except IntegrityError:  # a key was used before
        return []
    except DatabaseError as error:
        log.warning("messages not stored in one round trip", extra={"reason": str(error)})
        return []
    stored = [(index, _event(drafts[index], *message)) for index, *message in rows]
    if stored:
        group_commit.publish_stored([event for _, event in stored], outbox_id)
    return stored


def _call(drafts: list[Draft]) -> tuple[int, list[Any]]:
    """Call the function for so many drafts.

    Returns the id of the outbox row, and of each stored message its index, id, `seq`, `version`, sender, counterpart.
    """
    if len(drafts) == 1:
        values = _values(drafts[0])
        if values["location"] is not None:
            values["location"] = orjson.dumps(values["location"]).decode()
        (stored,) = db.run(_STORE_ONE, values).fetchone()
        outbox_id, *message = orjson.loads(stored or "[0]")
        return outbox_id, [[0, *message]] if message else []
    chat_ids = list({draft.chat_id for draft in drafts})
    rows = orjson.dumps([_values(draft) for draft in drafts]).decode()
    (stored,) = db.run(_STORE_MANY, {"chat_ids": chat_ids, "drafts": rows}).fetchone()
    outbox_id, messages = orjson.loads(stored or "[0, []]")
    return outbox_id, messages


def _values(draft: Draft) -> dict[str, Any]:
    """The parameters of a draft, by the names that the functions give them."""
    target = draft.target
    return {
        "chat_id": draft.chat_id,
        "sender_id": draft.sender_id,
        "message_type": draft.message_type,
        "content": draft.content,
        "preview": preview(draft.content),
        "location": draft.location,
        "key": draft.key,
        "client_key": draft.idempotency_key,
        "fingerprint": draft.fingerprint,
        "has_links": draft.has_links,
        "original_language": draft.original_language,
        "origin": draft.origin,
        "to_user": target.other_id,
        "to_kind": "listing" if target.listing_id else "storefront_product" if target.storefront_product_id else None,
        "to_item": target.listing_id or target.storefront_product_id,
        "is_found": not target.chat_id,
    }


def _event(
    draft: Draft, id: int, seq: int, version: int, sender: dict[str, Any], counterpart: dict[str, Any]
) -> MessageSent:
    sent_at = clock.rfc3339(snowflake.moment_of(id))
    message = MessageSnapshot(
        id=id,
        chat_id=draft.chat_id,
        seq=seq,
        version=version,
        sent_version=version,
        sender=Person(**sender),
        counterpart=Person(**counterpart),
        message_type=draft.message_type,
        content=draft.content,
        location=draft.location,
        client_key=draft.idempotency_key,
        created_at=sent_at,
        updated_at=sent_at,
        original_language=draft.original_language,
    )
    return MessageSent(
        recipients=(sender["id"], counterpart["id"]),
        chat_id=draft.chat_id,
        version=version,
        message=message,
        origin=draft.origin,
    )
