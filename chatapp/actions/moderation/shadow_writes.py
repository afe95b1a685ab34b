"""What shadow-banned users write: stored and shown as any other message, but for no one else.

Nothing of it is in the sequence or the log of the chat, in its head, in the outbox, or in anything that is made from
them: unread counts, catch-ups, search, notifications. So no one else can see it by mistake.
"""

from __future__ import annotations

from typing import Any

import orjson

from chatapp import clock
from chatapp.access import Membership, access_chat, access_message
from chatapp.actions import reading
from chatapp.actions.attachments.uploading import KEPT
from chatapp.actions.content import check_files_match
from chatapp.actions.draft import Draft
from chatapp.actions.group_commit_sql import lock_attachments
from chatapp.actions.moderation import shadow_changes
from chatapp.auth.actor import Actor
from chatapp.errors import Conflict, Forbidden, Invalid, NotFound, Reason
from chatapp.events.bus import bus
from chatapp.events.moderation import ShadowMessageSent
from chatapp.events.snapshots import MessageSnapshot
from chatapp.ids import snowflake
from chatapp.infra.postgres import db
from chatapp.queries import messages as message_queries
from chatapp.queries import people, shadow_messages
from chatapp.transaction import unit_of_work


def store(draft: Draft) -> MessageSnapshot:
    """Store a message for its sender alone, as `committer.commit` for all members. The sender has read the chat.

    Raises:
        ChatError: as there.
    """
    actor = _actor(draft.sender_id)
    with unit_of_work():
        membership = access_chat(actor, draft.chat_id, lock=True)
        message_id = _next_id(membership)
        repeated = _claim_key(draft, message_id)
        if repeated is not None:
            return _stored(repeated, actor)
        if membership.chat.has_block:
            raise Forbidden("blocked")
        _check_references(actor, draft, membership)
        _insert(draft, membership, message_id, _take_files(draft))
        message = shadow_messages.by_ids([message_id], actor.id)[0]
    reading.mark_read(actor, draft.chat_id)
    version = shadow_changes.version_of(membership.chat)
    bus.publish([ShadowMessageSent((actor.id,), draft.chat_id, version, message=message, origin=draft.origin)])
    return message


def _actor(user_id: int) -> Actor:
    status = people.account_status_of_id(user_id, None)
    assert status is not None, "who sends was authenticated"
    return status.actor


def _next_id(membership: Membership) -> int:
    clock_ms, sequence, newest = db.execute_sql(
        "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint, nextval('id_sequence'),"
        " (SELECT coalesce(max(id), 0) FROM shadow_messages WHERE sender_id = %s AND chat_id = %s)",
        (membership.member.user_id, membership.chat.id),
    ).fetchone()
    return snowflake.next_message_id(max(membership.chat.last_message_id, newest), clock_ms, sequence)


def _claim_key(draft: Draft, message_id: int) -> int | None:
    """Claim the key of a draft; returns the id of the message that has it already.

    Raises:
        Conflict: `client_key_reused`.
    """
    claimed = db.execute_sql(
        "INSERT INTO client_keys (sender_id, key, fingerprint, chat_id, message_id)"
        " VALUES (%s, %s, decode(%s, 'hex'), %s, %s) ON CONFLICT DO NOTHING",
        (draft.sender_id, draft.key, draft.fingerprint, draft.chat_id, message_id),
    ).rowcount
    if claimed:
        return None
    fingerprint, stored_id = db.execute_sql(
        "SELECT encode(fingerprint, 'hex'), message_id FROM client_keys WHERE sender_id = %s AND key = %s",
        (draft.sender_id, draft.key),
    ).fetchone()
    if fingerprint != draft.fingerprint:
        raise Conflict("client_key_reused")
    return int(stored_id)


def _stored(message_id: int, actor: Actor) -> MessageSnapshot:
    """A message that was sent before under the same key, during the ban or before it."""
    found = shadow_messages.by_ids([message_id], actor.id) or message_queries.snapshots_by_id([message_id], actor.id)
    if not found:
        raise NotFound("message_not_found")
    return found[0]


def _check_references(actor: Actor, draft: Draft, membership: Membership) -> None:
    """Raises Invalid unless what a message answers is in its chat, and those that it names are members."""
    if draft.reply_to_id is not None and not _is_seen(actor, draft.reply_to_id, membership):
        raise Invalid({"reply_to_id": [Reason("not_of_this_chat")]}, "reply_not_in_chat")
    if draft.mention_ids:
        (count,) = db.execute_sql(
            "SELECT count(*) FROM chat_members WHERE chat_id = %s AND user_id = ANY(%s)",
            (draft.chat_id, list(draft.mention_ids)),
        ).fetchone()
        if count < len(draft.mention_ids):
            raise Invalid({"mentions": [Reason("not_a_member")]}, "mention_not_in_chat")


def _is_seen(actor: Actor, message_id: int, membership: Membership) -> bool:
    try:
        message, _ = access_message(actor, message_id)
    except NotFound:
        return False
    return bool(message.chat_id == membership.chat.id and message.seq > membership.member.visible_floor)


def _take_files(draft: Draft) -> list[int]:
    """The files of a message. Own ones stay unsent, so that only their uploader can read them, but do not expire."""
    if draft.forwarded:
        return list(draft.forwarded.attachment_ids)
    if not draft.attachment_ids:
        return []
    files = [
        file for file in lock_attachments(list(draft.attachment_ids)).values() if file.uploader_id == draft.sender_id
    ]
    if len(files) < len(draft.attachment_ids):
        raise Invalid({"attachment_ids": [Reason("not_yours_or_sent")]}, "attachment_not_found")
    check_files_match(draft.message_type, files)
    db.execute_sql("UPDATE attachments SET expires_at = %s WHERE id = ANY(%s)", (KEPT, list(draft.attachment_ids)))
    return list(draft.attachment_ids)


def _insert(draft: Draft, membership: Membership, message_id: int, attachment_ids: list[int]) -> None:
    chat = membership.chat
    row: dict[str, Any] = {
        "id": message_id,
        "chat_id": chat.id,
        # That of the next message of the chat, which does not know of this one.
        "seq": chat.last_seq + 1,
        "version": 1,  # counts the changes of this message alone
        "sender_id": draft.sender_id,
        "message_type": draft.message_type,
        "content": draft.content,
        "location": None if draft.location is None else orjson.dumps(draft.location).decode(),
        "client_key": draft.idempotency_key,
        "has_links": draft.has_links,
        "attachments_count": len(attachment_ids),
        "attachment_ids": attachment_ids,
        "original_language": draft.original_language,
        "reply_to_id": draft.reply_to_id,
        "mentions": list(draft.mention_ids) or None,
        "forwarded_from_id": draft.forwarded.origin.message_id if draft.forwarded else None,
        "forwarded_sender_id": draft.forwarded.origin.sender.id if draft.forwarded else None,
        "created_at": clock.rfc3339(snowflake.moment_of(message_id)),
    }
    values = ", ".join(f"%({name})s" for name in row)
    db.execute_sql(f"INSERT INTO shadow_messages ({', '.join(row)}) VALUES ({values})", row)
    shadow_changes.mark_changed(draft.sender_id, chat.id)
