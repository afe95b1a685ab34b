"""Editing and deleting one's own messages."""

from __future__ import annotations

from chatapp.access import OwnMessage, access_own_message
from chatapp.actions import idempotency_keys
from chatapp.actions.attachments.object_records import release_files_of_message
from chatapp.actions.content import check_content, preview, sanitize
from chatapp.actions.redactions import redact
from chatapp.auth.actor import Actor
from chatapp.errors import Conflict, Forbidden
from chatapp.events.snapshots import MessageSnapshot
from chatapp.events.types import MessageDeleted, MessageEdited
from chatapp.infra.postgres import db
from chatapp.queries import messages as message_queries
from chatapp.text.links import has_links
from chatapp.transaction import UnitOfWork, unit_of_work


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
        if own.chat.is_blocked:
            raise Forbidden("blocked")
        if message.deleted_at is not None:
            raise Conflict("message_deleted")
        has_files = message.attachments_count > 0
        check_content(content, message.message_type, message.location, has_files=has_files)
        if expected_version is not None and expected_version != (message.changed_version or message.version):
            raise Conflict("stale_edit")
        if content == message.content:
            return _snapshot(message_id)
        version = _change(own, actor, "edited", content)
        snapshot = _snapshot(message_id)
        work.publish_after_commit(
            MessageEdited(recipients=own.chat.member_ids, chat_id=message.chat_id, version=version, message=snapshot)
        )
        return snapshot


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
        version = _change(own, actor, "deleted", "")
        db.execute_sql(
            "UPDATE message_changes SET old_content = NULL WHERE retention = 0 AND message_id = %s", (message_id,)
        )
        redact("message", message_id)
        snapshot = _snapshot(message_id)
        _publish_deleted(work, own, snapshot, version)
        return snapshot


def _change(own: OwnMessage, actor: Actor, kind: str, content: str) -> int:
    """Store the change as the next version of the chat; returns the version."""
    message, chat = own.message, own.chat
    version = int(chat.last_version) + 1
    happened = "edited_at = now()" if kind == "edited" else "deleted_at = now(), location = NULL, attachments_count = 0"
    db.execute_sql(
        f"UPDATE messages SET content = %s, has_links = %s, changed_version = %s, {happened}"
        " WHERE retention = 0 AND id = %s",
        (content, has_links(content), version, message.id),
    )
    db.execute_sql(
        "INSERT INTO message_changes (message_id, chat_id, version, actor_id, kind, old_content)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        (message.id, chat.id, version, actor.id, kind, message.content if kind == "edited" else None),
    )
    is_last = message.id == chat.last_message_id
    db.execute_sql(
        "UPDATE chats SET last_version = %s, last_message_text = %s, last_message_deleted = %s, updated_at = now(),"
        " changed_in = transaction_stamp() WHERE id = %s",
        (
            version,
            preview(content) if is_last else chat.last_message_text,
            kind == "deleted" if is_last else chat.last_message_deleted,
            chat.id,
        ),
    )
    return version


def _snapshot(message_id: int) -> MessageSnapshot:
    return message_queries.snapshots_by_id([message_id])[0]


def _publish_deleted(work: UnitOfWork, own: OwnMessage, snapshot: MessageSnapshot, version: int) -> None:
    work.publish_after_commit(
        MessageDeleted(
            recipients=own.chat.member_ids,
            chat_id=snapshot.chat_id,
            version=version,
            message_id=snapshot.id,
            deleted_by=snapshot.sender.id,
            deleted_at=snapshot.updated_at,
            deleted_by_uuid=snapshot.sender.uuid,
        )
    )
