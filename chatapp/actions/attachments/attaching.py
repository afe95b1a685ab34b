"""Attaching files to a message: the checks, the files, and the change of the chat.

Everything here runs inside the caller's unit of work, under the lock of the chat's row.
"""

from __future__ import annotations

from collections.abc import Sequence

from peewee import SQL

from chatapp.access import OwnMessage, is_shadow_banned
from chatapp.actions.chat_log import Change, record
from chatapp.actions.content import MAX_FILES
from chatapp.errors import Conflict, Forbidden, Invalid, NotFound, Reason
from chatapp.events.snapshots import MessageSnapshot
from chatapp.infra.postgres import db
from chatapp.models import Chat, Message
from chatapp.transaction import UnitOfWork


def check_may_attach(own: OwnMessage, count: int) -> None:
    """Check that `count` more files may be added to a message.

    Raises:
        Forbidden: `blocked`; `forbidden`: the author is shadow-banned, and all members see the message.
        Conflict: `message_deleted`.
        Invalid: `too_many_files`.
    """
    if own.message.sender_id is not None and is_shadow_banned(own.message.sender_id):
        raise Forbidden
    if own.chat.has_block:
        raise Forbidden("blocked")
    if own.message.deleted_at is not None:
        raise Conflict("message_deleted")
    if own.file_count + count > MAX_FILES:
        raise Invalid({"files": [Reason("too_many", max=MAX_FILES)]}, "too_many_files")


def lock_chat(chat_id: int) -> Chat | None:
    """Lock a chat's row without an actor, for jobs; None if the chat was deleted."""
    return next(iter(Chat.raw("SELECT * FROM chats WHERE id = %s FOR NO KEY UPDATE", chat_id)), None)


def attach(message: Message, attachment_ids: Sequence[int]) -> None:
    """Append files to a message.

    Raises:
        NotFound: `attachment_not_found`: one of them was deleted or has expired.
    """
    attached = db.execute_sql(
        "UPDATE attachments SET message_id = %(message)s, chat_id = %(chat)s, expires_at = NULL,"
        " position = ordinal + (SELECT coalesce(max(position), 0) FROM attachments WHERE message_id = %(message)s)"
        " FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS wanted (id, ordinal)"
        " WHERE attachments.id = wanted.id AND message_id IS NULL AND expires_at > now()",
        {"message": message.id, "chat": message.chat_id, "ids": list(attachment_ids)},
    ).rowcount
    if attached != len(attachment_ids):
        raise NotFound("attachment_not_found")


def record_change(
    work: UnitOfWork, chat: Chat, message_id: int, changed_by: int, *, are_added: bool = True
) -> MessageSnapshot:
    """Record that the visible files of a message changed, as the chat's next version, and publish it to both members.

    Parameters:
        chat: locked.
        changed_by: id of the user that the change log names.
        are_added: False if files were only removed.
    """
    count = SQL(_VISIBLE_COUNT, (message_id,))
    detail = {} if are_added else {"are_added": False}
    return record(
        work, chat, Change("attachments", message_id, changed_by, {"attachments_count": count}, detail=detail)
    )


_VISIBLE_COUNT = """
(SELECT count(*) FROM attachments WHERE message_id = %s AND state = 'ready' AND expires_at IS NULL)
"""
