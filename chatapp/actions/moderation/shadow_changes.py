"""Changes of messages that only their authors see: of messages of the author alone, and of earlier ones for the author.

`shadow_writes` has the reasons.
"""

from __future__ import annotations

from chatapp.access import Membership, OwnMessage, access_chat, sees_own_shadow
from chatapp.actions.attachments import object_records
from chatapp.actions.content import check_content
from chatapp.auth.actor import Actor
from chatapp.errors import Conflict
from chatapp.events.bus import bus
from chatapp.events.moderation import ShadowMessageDeleted, ShadowMessageEdited
from chatapp.events.snapshots import MessageSnapshot, ViewedMessage
from chatapp.infra.postgres import db
from chatapp.models import Chat
from chatapp.queries import shadow_messages
from chatapp.text.links import has_links
from chatapp.transaction import unit_of_work

_NEXT_VERSION = "changed_version = coalesce(changed_version, version) + 1, changed_in = transaction_stamp()"


def mark_changed(user_id: int, chat_id: int) -> None:
    """Let a catch-up of an author find the chat, in a running unit of work."""
    db.execute_sql(
        "UPDATE chat_members SET changed_in = transaction_stamp() WHERE user_id = %s AND chat_id = %s",
        (user_id, chat_id),
    )


def edit(actor: Actor, message_id: int, content: str) -> MessageSnapshot | None:
    """Change the text of a message that only the actor sees; None if it is no such message.

    Parameters:
        content: sanitised.

    Raises:
        Conflict: `message_deleted`.
        Invalid: as for a new message.
    """
    if not sees_own_shadow(actor.id):
        return None
    with unit_of_work():
        found = _locked(actor, message_id)
        if found is None:
            return None
        message, membership = found
        if message.is_deleted:
            raise Conflict("message_deleted")
        check_content(content, message.message_type, message.location, has_files=message.attachments_count > 0)
        db.execute_sql(
            f"UPDATE shadow_messages SET content = %s, has_links = %s, edited_at = now(), {_NEXT_VERSION}"
            " WHERE id = %s",
            (content, has_links(content), message_id),
        )
        mark_changed(actor.id, membership.chat.id)
        edited = shadow_messages.by_ids([message_id], actor.id)[0]
    publish_edit(edited, membership.chat)
    return edited


def _locked(actor: Actor, message_id: int) -> tuple[ViewedMessage, Membership] | None:
    """A message that only the actor sees, and its chat, locked; None if it is no such message."""
    found = shadow_messages.by_ids([message_id], actor.id)
    if not found:
        return None
    membership = access_chat(actor, found[0].chat_id, lock=True)
    return shadow_messages.by_ids([message_id], actor.id)[0], membership


def put_edit(actor: Actor, own: OwnMessage, content: str) -> None:
    """Change the text of a message that all members see, for its author alone, in a running unit of work."""
    db.execute_sql(
        "INSERT INTO shadow_edits (message_id, chat_id, sender_id, content) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (message_id) DO UPDATE SET content = excluded.content, edits = shadow_edits.edits + 1,"
        " edited_at = now(), changed_in = transaction_stamp()",
        (own.message.id, own.chat.id, actor.id, content),
    )
    mark_changed(actor.id, own.chat.id)


def publish_edit(edited: MessageSnapshot, chat: Chat) -> None:
    """Show an edit to the devices of its author."""
    bus.publish([ShadowMessageEdited((edited.sender.id,), chat.id, version_of(chat), message=edited)])


def version_of(chat: Chat) -> int:
    """The version of a chat for signals; at least 1, as everywhere on the wire."""
    return max(1, int(chat.last_version))


def delete(actor: Actor, message_id: int) -> MessageSnapshot | None:
    """Delete a message that only the actor sees; None if it is no such message. Repeating it changes nothing."""
    if not sees_own_shadow(actor.id):
        return None
    with unit_of_work():
        found = _locked(actor, message_id)
        if found is None:
            return None
        message, membership = found
        if message.is_deleted:
            return message
        _release_files([message_id])
        db.execute_sql(
            "UPDATE shadow_messages SET content = '', has_links = false, location = NULL, attachments_count = 0,"
            f" attachment_ids = '{{}}', deleted_at = now(), {_NEXT_VERSION} WHERE id = %s",
            (message_id,),
        )
        mark_changed(actor.id, membership.chat.id)
        deleted = shadow_messages.by_ids([message_id], actor.id)[0]
    event = ShadowMessageDeleted(
        (actor.id,),
        chat_id=deleted.chat_id,
        version=max(version_of(membership.chat), deleted.version),  # clients ignore a deletion of a later version
        message_id=deleted.id,
        deleted_by=actor.id,
        deleted_at=deleted.updated_at,
        deleted_by_uuid=actor.uuid,
    )
    bus.publish([event])
    return deleted


def forget_edit(message_id: int) -> None:
    """Delete the author's version of a message that was deleted or edited for all, in a running unit of work."""
    db.execute_sql("DELETE FROM shadow_edits WHERE message_id = %s", (message_id,))


def remove_of_chat(chat_id: int) -> None:
    """Delete what only its authors see in a chat, in the unit of work that deletes the chat."""
    _remove("chat_id", chat_id)


def remove_of_author(user_id: int) -> None:
    """Delete what only this user sees, in the unit of work that erases the user."""
    _remove("sender_id", user_id)
    db.execute_sql("DELETE FROM shadow_authors WHERE user_id = %s", (user_id,))


def _remove(column: str, id: int) -> None:
    rows = db.execute_sql(
        f"SELECT id FROM shadow_messages WHERE {column} = %s ORDER BY id FOR UPDATE", (id,)
    ).fetchall()
    ids = [message_id for (message_id,) in rows]
    if ids:
        _release_files(ids)
        db.execute_sql("DELETE FROM shadow_messages WHERE id = ANY(%s)", (ids,))
    db.execute_sql(f"DELETE FROM shadow_edits WHERE {column} = %s", (id,))


def _release_files(message_ids: list[int]) -> None:
    """Delete the files of messages; a file of another message, which one of them forwards, stays."""
    rows = db.execute_sql(
        "SELECT a.id FROM shadow_messages m JOIN attachments a ON a.id = ANY(m.attachment_ids)"
        " WHERE m.id = ANY(%s) AND a.uploader_id = m.sender_id AND a.message_id IS NULL",
        (message_ids,),
    ).fetchall()
    object_records.release([attachment_id for (attachment_id,) in rows])
