"""Editing and deleting one's own messages."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from peewee import SQL

from chatapp import clock
from chatapp.access import OwnMessage, access_own_message, is_shadow_banned, sees_own_shadow
from chatapp.actions import idempotency_keys, search
from chatapp.actions.attachments.object_records import release_files_of_message
from chatapp.actions.chat_log import Change, record
from chatapp.actions.content import check_content, sanitize
from chatapp.actions.link_previews import previewed_url
from chatapp.actions.moderation import screening, shadow_changes
from chatapp.actions.redactions import redact
from chatapp.auth.actor import Actor
from chatapp.errors import Conflict, Forbidden
from chatapp.events.snapshots import MessageSnapshot
from chatapp.infra.bound import Bound
from chatapp.infra.postgres import db
from chatapp.models import Chat, Message
from chatapp.queries import messages as message_queries
from chatapp.text.content_rules import Screening
from chatapp.text.languages import detect_language
from chatapp.text.links import has_links
from chatapp.transaction import UnitOfWork, unit_of_work


@dataclass(frozen=True, slots=True)
class _Windows:
    """Seconds after its sending in which a message may be edited (EDIT_WINDOW) and deleted (DELETE_WINDOW); 0: ever."""

    edit: float
    delete: float


windows = Bound("Edit windows", lambda settings: _Windows(settings.edit_window, settings.delete_window))

_CONTENT_KINDS = ("edited", "attachments")  # of changes that make an edit of an older version stale
# What is left of a deleted message.
_ERASED = {
    "content": "",
    "has_links": False,
    "location": None,
    "original_language": None,
    "reply_to_id": None,
    "mentions": None,
    "forwarded_from_id": None,
    "forwarded_sender_id": None,
    "link_preview": None,
    "reactions": None,
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
    is_screened: bool = False,
) -> MessageSnapshot:
    """Change the text of one's own message; the old text stays in its history.

    Parameters:
        content: the text as the client sent it.
        expected_version: the version of the message that the author saw; an edit of an older one is refused.
        idempotency_key: repeating the same text with the same key is one edit.
        is_screened: whether moderators have released the text, so that no filter is asked.

    Raises:
        NotFound: no such message for this actor.
        Forbidden: `not_author`, `blocked`, `edit_window_closed`, `content_held`.
        Conflict: `message_deleted`, `stale_edit`, `client_key_reused`.
        Invalid: as for a new message.
    """
    content = sanitize(content)
    found = Screening(content) if is_screened else _screened(actor, message_id, content, idempotency_key)
    edited = shadow_changes.edit(actor, message_id, found.content)
    if edited is None:
        edited = _edit(actor, message_id, content, found.content, expected_version, idempotency_key)
        screening.report_if_found(actor, found, message_id)
    return edited


def _screened(actor: Actor, message_id: int, content: str, idempotency_key: str | None) -> Screening:
    return screening.screen(
        actor,
        content,
        idempotency_key,
        held=lambda: {"kind": "edit", "message_id": message_id, "content": content},
        check=lambda: access_own_message(actor, message_id, lock=False),
    )


def _edit(
    actor: Actor,
    message_id: int,
    content: str,
    text: str,
    expected_version: int | None,
    idempotency_key: str | None,
) -> MessageSnapshot:
    """Change a message. `text`: what is stored, if the filters changed the content."""
    is_shadow = is_shadow_banned(actor.id)
    with unit_of_work() as work:
        own = access_own_message(actor, message_id)
        write = ["edit", message_id, content]
        if not idempotency_keys.claim(actor, idempotency_key, write, chat_id=own.chat.id, message_id=message_id):
            return _snapshot(message_id, actor)
        _check_editable(actor, own, text, expected_version)
        if is_shadow:
            shadow_changes.put_edit(actor, own, text)
        elif sees_own_shadow(actor.id):
            shadow_changes.forget_edit(message_id)
        if is_shadow or text == own.message.content:
            edited = _snapshot(message_id, actor)
        else:
            edited = _record_edit(work, actor, own, text)
    if is_shadow:
        shadow_changes.publish_edit(edited, own.chat)
    return edited


def _check_editable(actor: Actor, own: OwnMessage, text: str, expected_version: int | None) -> None:
    """Raises ChatError unless a message can have this text now."""
    message = own.message
    if own.chat.has_block:
        raise Forbidden("blocked")
    if message.deleted_at is not None:
        raise Conflict("message_deleted")
    if _is_over(windows().edit, message):
        raise Forbidden("edit_window_closed")
    check_content(text, message.message_type, message.location, has_files=message.attachments_count > 0)
    if expected_version is not None and not _is_current(actor, message, expected_version):
        raise Conflict("stale_edit")


def _record_edit(work: UnitOfWork, actor: Actor, own: OwnMessage, text: str) -> MessageSnapshot:
    message = own.message
    columns = {
        "content": text,
        "has_links": has_links(text),
        "original_language": detect_language(text),
        "edited_at": SQL("now()"),
    }
    if message.link_preview is not None and message.link_preview["url"] != previewed_url(text):
        columns["link_preview"] = None
    change = Change("edited", message.id, actor.id, columns, old_content=message.content)
    return record(work, own.chat, change)


def delete_message(actor: Actor, message_id: int) -> MessageSnapshot:
    """Delete one's own message: its text, files and history are erased; its `seq` remains.

    Repeating it changes nothing. It is allowed while one member blocks the other.

    Raises:
        NotFound: no such message for this actor.
        Forbidden: `not_author`, `delete_window_closed`.
    """
    deleted = shadow_changes.delete(actor, message_id)
    if deleted is not None:
        return deleted
    with unit_of_work() as work:
        own = access_own_message(actor, message_id)
        message = own.message
        if message.deleted_at is not None:
            return _snapshot(message_id, actor)
        if _is_over(windows().delete, message):
            raise Forbidden("delete_window_closed")
        return erase_message(work, own.chat, message_id, actor.id)


def remove_message(work: UnitOfWork, chat: Chat, message_id: int) -> None:
    """Delete a message for moderators, in a running unit of work, as if its sender had deleted it.

    Parameters:
        chat: its chat, locked. If the message was deleted, nothing changes.
    """
    found = message_queries.snapshots_by_id([message_id])
    if found and not found[0].is_deleted:
        erase_message(work, chat, message_id, found[0].sender.id)


def erase_message(
    work: UnitOfWork, chat: Chat, message_id: int, actor_id: int, *, is_author_redacted: bool = False
) -> MessageSnapshot:
    """Erase the text, files and history of a message, for all members, as the next version of its locked chat.

    Parameters:
        actor_id: id of the user who deletes it.
        is_author_redacted: whether all messages of its author are removed from stored events anyway.
    """
    release_files_of_message(message_id)
    db.execute_sql("DELETE FROM reactions WHERE message_id = %s", (message_id,))
    db.execute_sql("DELETE FROM chat_pins WHERE chat_id = %s AND message_id = %s", (chat.id, message_id))
    snapshot = record(work, chat, Change("deleted", message_id, actor_id, _ERASED))
    db.execute_sql(
        "UPDATE message_changes SET old_content = NULL WHERE retention IN (0, 1) AND message_id = %s", (message_id,)
    )
    if sees_own_shadow(actor_id):
        shadow_changes.forget_edit(message_id)
    search.forget_messages([message_id])
    if not is_author_redacted:
        redact("message", message_id)
    return snapshot


def _is_over(window: float, message: Message) -> bool:
    """Whether a message is older than a window; 0 has no end."""
    return window > 0 and clock.now() - message.created_at > dt.timedelta(seconds=window)


def _is_current(actor: Actor, message: Message, version: int) -> bool:
    """Whether the text and files of a message have not changed since a version of it. Reactions do not matter."""
    stored = int(message.changed_version or message.version)
    seen = _snapshot(message.id, actor).version if sees_own_shadow(actor.id) else stored
    if seen > stored:  # edits that only their author sees are in no log
        return version == seen
    if not message.version <= version <= seen:
        return False
    changed = db.execute_sql(
        "SELECT EXISTS (SELECT FROM message_changes WHERE retention IN (0, 1) AND message_id = %s AND version > %s"
        " AND kind = ANY(%s))",
        (message.id, version, list(_CONTENT_KINDS)),
    ).fetchone()[0]
    return not changed


def _snapshot(message_id: int, viewer: Actor) -> MessageSnapshot:
    return message_queries.snapshots_by_id([message_id], viewer.id)[0]
