"""Editing and deleting one's own messages."""

from __future__ import annotations

from peewee import SQL

from chatapp.access import access_own_message
from chatapp.actions import idempotency_keys
from chatapp.actions.attachments.object_records import release_files_of_message
from chatapp.actions.chat_log import Change, record
from chatapp.actions.content import check_content, sanitize
from chatapp.actions.redactions import redact
from chatapp.auth.actor import Actor
from chatapp.errors import Conflict, Forbidden
from chatapp.events.snapshots import MessageSnapshot
from chatapp.infra.postgres import db
from chatapp.queries import messages as message_queries
from chatapp.text.links import has_links
from chatapp.transaction import unit_of_work

# What is left of a deleted message.
_ERASED = {
    "content": "",
    "has_links": False,
    "location": None,
    "attachments_count": 0,
    "deleted_at": SQL("now()"),
}


def edit_message(
    actor: Actor,
    message_id: int,
    content: str,
    *,
    expected_version: int | None = None,
    idempotency_key: str | None = None,
) -> MessageSnapshot:
    """Change the text of one's own message; the old text stays in its history.

    Parameters:
        content: the text as the client sent it.
        expected_version: the version of the message that the author saw; an edit of an older one is refused.
        idempotency_key: repeating the same text with the same key is one edit.

    Raises:
        NotFound: no such message for this actor.
        Forbidden: `not_author`, `blocked`.
        Conflict: `message_deleted`, `stale_edit`, `client_key_reused`.
        Invalid: as for a new message.
    """
    content = sanitize(content)
    with unit_of_work() as work:
        own = access_own_message(actor, message_id)
        message = own.message
        write = ["edit", message_id, content]
        if not idempotency_keys.claim(actor, idempotency_key, write, chat_id=own.chat.id, message_id=message_id):
            return _snapshot(message_id)
        if own.chat.has_block:
            raise Forbidden("blocked")
        if message.deleted_at is not None:
            raise Conflict("message_deleted")
        has_files = message.attachments_count > 0
        check_content(content, message.message_type, message.location, has_files=has_files)
        if expected_version is not None and expected_version != (message.changed_version or message.version):
            raise Conflict("stale_edit")
        if content == message.content:
            return _snapshot(message_id)
        columns = {"content": content, "has_links": has_links(content), "edited_at": SQL("now()")}
        return record(work, own.chat, Change("edited", message_id, actor.id, columns, old_content=message.content))


def delete_message(actor: Actor, message_id: int) -> MessageSnapshot:
    """Delete one's own message: its text, files and history are erased; its `seq` remains.

    Repeating it changes nothing. It is allowed while one member blocks the other.

    Raises:
        NotFound: no such message for this actor.
        Forbidden: `not_author`.
    """
    with unit_of_work() as work:
        own = access_own_message(actor, message_id)
        message = own.message
        if message.deleted_at is not None:
            return _snapshot(message_id)
        release_files_of_message(message_id)
        snapshot = record(work, own.chat, Change("deleted", message_id, actor.id, _ERASED))
        db.execute_sql(
            "UPDATE message_changes SET old_content = NULL WHERE retention = 0 AND message_id = %s", (message_id,)
        )
        redact("message", message_id)
        return snapshot


def _snapshot(message_id: int) -> MessageSnapshot:
    return message_queries.snapshots_by_id([message_id])[0]
