"""Erases what else a user has left: files, keys, items, exports. Each function does one batch of a step."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import Any

from chatapp.actions import item_index, search
from chatapp.actions.assistant import deletion, handover
from chatapp.actions.attachments import cleanup
from chatapp.actions.erasure.batches import Batch, mark_partitions
from chatapp.actions.erasure.policy import Policy
from chatapp.actions.groups import membership
from chatapp.actions.moderation import erasure as moderation
from chatapp.auth.actor import Actor
from chatapp.infra.postgres import database_connection, db
from chatapp.queries.erasures import Erasure
from chatapp.transaction import unit_of_work

BATCH = 1000  # rows without events that one transaction deletes


def erase_files(erasure: Erasure) -> Batch:
    """Remove files from their messages, chat by chat, each with its next version; and unsent files."""
    with unit_of_work():
        # Also those of an upload that was in progress.
        db.execute_sql(
            "UPDATE attachments SET expires_at = now() WHERE uploader_id = %s AND coalesce(expires_at > now(), true)",
            (erasure.user_id,),
        )
    with database_connection():
        rows: list[Any] = db.execute_sql(
            "SELECT coalesce(chat_id, 0), id, message_id FROM attachments WHERE uploader_id = %s"
            " ORDER BY chat_id, id LIMIT %s",
            (erasure.user_id, cleanup.BATCH),
        ).fetchall()
    messages = [message_id for *_, message_id in rows if message_id is not None]
    with unit_of_work():
        mark_partitions(messages, "messages", "message_changes")
    for chat_id, group in groupby(sorted(rows, key=itemgetter(0)), key=itemgetter(0)):
        cleanup.expire(chat_id, [id for _, id, _ in group])
    return Batch(len(rows), position=0 if len(rows) == cleanup.BATCH else None)


def erase_idempotency_keys(erasure: Erasure) -> Batch:
    """Delete the keys that the user's clients chose, and the fingerprints of what was sent with them."""
    return _delete(
        "DELETE FROM client_keys WHERE sender_id = %s AND key IN ("
        "SELECT key FROM client_keys WHERE sender_id = %s LIMIT %s)",
        erasure.user_id,
        erasure.user_id,
    )


def erase_items(erasure: Erasure) -> Batch:
    """Mark the items that the user sells as deleted. Their titles stay if texts do: chats are about them."""
    policy = Policy(erasure.content, erasure.evidence)
    with unit_of_work():
        changed = db.execute_sql(
            "UPDATE items SET is_deleted = true, image_url = NULL, url = NULL, description = '', category = NULL,"
            " attributes = NULL, updated_at = now(), title = CASE WHEN %s THEN '' ELSE title END WHERE seller_id = %s",
            (policy.removes_texts, erasure.user_id),
        )
        item_index.remove_of_seller(erasure.user_id)
        return Batch(int(changed.rowcount))


def leave_groups(erasure: Erasure) -> Batch:
    """Leave all groups, as a user does: a group without another owner gets one, and one without members ends.

    Also sessions of the assistant that the user has taken over.
    """
    actor = Actor(erasure.user_id, erasure.uuid, erasure.username)
    return Batch(membership.leave_all_groups(actor) + handover.leave_all(actor))


def erase_sessions(erasure: Erasure) -> Batch:
    """Delete the user's sessions of the assistant, with all that was said in them."""
    deleted = deletion.delete_sessions_of(erasure.user_id)
    return Batch(deleted, position=0 if deleted == deletion.BATCH else None)


def erase_searches(erasure: Erasure) -> Batch:
    """Delete recent queries; and with the texts what is left of them in the index."""
    removes = Policy(erasure.content, erasure.evidence).removes_texts
    with unit_of_work():
        deleted = db.execute_sql("DELETE FROM recent_searches WHERE user_id = %s", (erasure.user_id,)).rowcount
        found = search.forget_person(erasure.user_id) if removes else 0
    return Batch(int(deleted) + found, position=0 if found else None)


def erase_reports(erasure: Erasure) -> Batch:
    """Empty what moderation knows: reports and their evidence, warnings, bans, what only the user saw."""
    policy = Policy(erasure.content, erasure.evidence)
    with unit_of_work():
        return Batch(moderation.erase(erasure.user_id, keeps_evidence=policy.keeps_evidence))


def erase_exports(erasure: Erasure) -> Batch:
    """Delete exports, and let their objects be removed now. One that is being made finds its row gone, and ends."""
    with unit_of_work():
        rows: list[Any] = db.execute_sql(
            "DELETE FROM exports WHERE user_id = %s RETURNING object_name", (erasure.user_id,)
        ).fetchall()
        names = [name for (name,) in rows if name is not None]
        db.execute_sql("UPDATE objects SET remove_at = now() WHERE name = ANY(%s) AND state = 'pending'", (names,))
        return Batch(len(rows))


def _delete(statement: str, *values: Any) -> Batch:
    """Run a DELETE whose last parameter is the number of rows."""
    with unit_of_work():
        deleted = int(db.execute_sql(statement, (*values, BATCH)).rowcount)
    return Batch(deleted, position=0 if deleted == BATCH else None)
