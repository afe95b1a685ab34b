"""What has to be written with a message's files: the chat's next version, the log, and who is told.

All of it runs inside the caller's unit of work, under the lock of the chat's row.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatapp.access import Membership
from chatapp.actions.content import MAX_FILES
from chatapp.errors import Conflict, Forbidden, Invalid, NotFound, Reason
from chatapp.events.snapshots import MessageSnapshot
from chatapp.events.types import AttachmentsUpdated
from chatapp.infra.postgres import db
from chatapp.models import Chat, Message
from chatapp.queries import messages as message_queries
from chatapp.transaction import UnitOfWork


def check_may_attach(message: Message, membership: Membership, count: int) -> None:
    """Raises unless so many further files may be added to a message of the actor's.

    Raises:
        Forbidden: `blocked`.
        Conflict: `message_deleted`.
        Invalid: `too_many_files`.
    """
    if membership.chat.is_blocked:
        raise Forbidden("blocked")
    if message.deleted_at is not None:
        raise Conflict("message_deleted")
    attached = db.execute_sql("SELECT count(*) FROM attachments WHERE message_id = %s", (message.id,)).fetchone()[0]
    if attached + count > MAX_FILES:
        raise Invalid({"files": [Reason("too_many", max=MAX_FILES)]}, "too_many_files")


def lock_chat(chat_id: int) -> Chat | None:
    """Hold a chat's row, whoever's it is; None where the chat is gone. For what nobody does by themselves."""
    return next(iter(Chat.raw("SELECT * FROM chats WHERE id = %s FOR NO KEY UPDATE", chat_id)), None)


def attach(message: Message, attachment_ids: Sequence[int]) -> None:
    """Add files to a message, behind those that it has.

    Raises:
        NotFound: `attachment_not_found`: one of them is gone, or on its way out.
    """
    attached = db.execute_sql(
        "UPDATE attachments SET message_id = %(message)s, chat_id = %(chat)s, expires_at = NULL,"
        " position = place + (SELECT coalesce(max(position), 0) FROM attachments WHERE message_id = %(message)s)"
        " FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS wanted (id, place)"
        " WHERE attachments.id = wanted.id AND message_id IS NULL AND expires_at > now()",
        {"message": message.id, "chat": message.chat_id, "ids": list(attachment_ids)},
    ).rowcount
    if attached != len(attachment_ids):
        raise NotFound("attachment_not_found")


def tell_changed(
    work: UnitOfWork, chat: Chat, message_id: int, changed_by: int, *, are_added: bool = True
) -> MessageSnapshot:
    """Move the chat's version since what is shown of a message's files is another, and tell it to both members.

    Parameters:
        chat: locked.
        changed_by: whose doing it is, by the log.
        are_added: False where files were only taken away.
    """
    version = int(chat.last_version) + 1
    chat.last_version = version
    db.execute_sql(
        "UPDATE messages SET changed_version = %(version)s, attachments_count = (SELECT count(*) FROM attachments"
        " WHERE message_id = %(id)s AND state = 'ready' AND expires_at IS NULL) WHERE retention = 0 AND id = %(id)s",
        {"version": version, "id": message_id},
    )
    db.execute_sql(
        "INSERT INTO message_changes (message_id, chat_id, version, actor_id, kind)"
        " VALUES (%s, %s, %s, %s, 'attachments')",
        (message_id, chat.id, version, changed_by),
    )
    db.execute_sql(
        "UPDATE chats SET last_version = %s, updated_at = now(), changed_in = transaction_stamp() WHERE id = %s",
        (version, chat.id),
    )
    snapshot = message_queries.snapshots_by_id([message_id])[0]
    recipients = (chat.buyer_id, chat.seller_id)
    work.publish(
        AttachmentsUpdated(
            recipients=recipients, chat_id=chat.id, version=version, message=snapshot, are_added=are_added
        )
    )
    return snapshot
