"""Deleting chats for all members."""

from __future__ import annotations

from chatapp.access import access_chat
from chatapp.actions import search
from chatapp.actions.attachments.object_records import release_files_of_chat
from chatapp.actions.chat_log import record_deletion
from chatapp.actions.moderation import shadow_changes
from chatapp.actions.redactions import redact
from chatapp.auth.actor import Actor
from chatapp.errors import Forbidden, NotFound
from chatapp.infra.postgres import database_connection, db
from chatapp.models import Chat
from chatapp.queries import fragments
from chatapp.transaction import unit_of_work

AT_ONCE = 1000  # messages that are deleted with their chat; a job purges larger chats, so that the request stays short
BATCH = 5000  # messages that one transaction of the job deletes
FILES_AT_ONCE = 10 * AT_ONCE  # no message has more than ten
FILES_BATCH = 500  # files that one transaction of the job deletes: each has four index entries and an object row


def delete_chat(actor: Actor, chat_id: int) -> None:
    """Delete a chat with its memberships, messages and files; each member keeps a tombstone.

    Repeating it, by any member, changes nothing.

    Raises:
        NotFound: not a chat of the actor's, now or when it was deleted.
        Forbidden: `role_too_low`: only owners delete a group.
    """
    with unit_of_work() as work:
        try:
            membership = access_chat(actor, chat_id, lock=True)
        except NotFound:
            if _has_tombstone(actor, chat_id):
                return
            raise
        chat = membership.chat
        if chat.pair_key is None and membership.member.role != "owner":
            raise Forbidden("role_too_low")
        # A member whose lists never showed the chat gets no event.
        record_deletion(work, chat, actor, _members_with_chat_listed(chat_id))
        remove_chat(chat)


def remove_chat(chat: Chat) -> None:
    """Delete a locked chat with its memberships, messages and files, in the running unit of work."""
    Chat.delete().where(Chat.id == chat.id).execute()
    if chat.last_seq <= AT_ONCE:
        release_files_of_chat(chat.id, limit=FILES_AT_ONCE)
        _remove_messages(chat.id)
    else:
        db.execute_sql("INSERT INTO chat_remains (chat_id) VALUES (%s)", (chat.id,))
    shadow_changes.remove_of_chat(chat.id)
    redact("chat", chat.id)


def _members_with_chat_listed(chat_id: int) -> tuple[int, ...]:
    rows = db.execute_sql(
        f"SELECT user_id FROM chat_members m WHERE chat_id = %s AND {fragments.is_listed('m')}", (chat_id,)
    ).fetchall()
    return tuple(int(user_id) for (user_id,) in rows)


def purge_deleted_chats() -> int:
    """Delete the messages of large deleted chats in batches, as a job; returns how many."""
    removed = 0
    with database_connection():
        queued = db.execute_sql("SELECT chat_id FROM chat_remains ORDER BY deleted_at").fetchall()
    for (chat_id,) in queued:
        while _remove_files(chat_id):
            pass
        while count := _remove_batch(chat_id):
            removed += count
        with unit_of_work():
            db.execute_sql("DELETE FROM chat_remains WHERE chat_id = %s", (chat_id,))
    return removed


def _has_tombstone(actor: Actor, chat_id: int) -> bool:
    row = db.execute_sql(
        "SELECT 1 FROM chat_tombstones WHERE user_id = %s AND chat_id = %s AND kind = 'deleted'", (actor.id, chat_id)
    ).fetchone()
    return row is not None


def _remove_messages(chat_id: int) -> None:
    search.forget_chat(chat_id)
    # Each reaction that is there has an entry in the log.
    db.execute_sql(
        "DELETE FROM reactions WHERE message_id IN (SELECT message_id FROM message_changes"
        " WHERE retention IN (0, 1) AND chat_id = %s AND kind = 'reaction_added')",
        (chat_id,),
    )
    db.execute_sql("DELETE FROM message_changes WHERE retention IN (0, 1) AND chat_id = %s", (chat_id,))
    db.execute_sql("DELETE FROM messages WHERE retention IN (0, 1) AND chat_id = %s", (chat_id,))


def _remove_files(chat_id: int) -> int:
    with unit_of_work():
        return release_files_of_chat(chat_id, limit=FILES_BATCH)


def _remove_batch(chat_id: int) -> int:
    """Delete one batch of messages; the change log goes with the last batch, so that no message lacks its changes."""
    with unit_of_work():
        search.forget_chat(chat_id, BATCH)
        removed = db.execute_sql(
            "DELETE FROM messages WHERE retention IN (0, 1) AND (id, chat_id) IN ("
            "SELECT id, chat_id FROM messages WHERE retention IN (0, 1) AND chat_id = %s ORDER BY id LIMIT %s)",
            (chat_id, BATCH),
        ).rowcount
        if removed < BATCH:
            _remove_messages(chat_id)
        return int(removed)
