"""Blocking users: while one of two users blocks the other, nothing passes between them, in either direction.

In larger chats they stay members; what the blocked user writes there is hidden from the blocker (`chatapp.access`).

The block itself is a row of `blocks`. Its effect is stored on every chat of the two, where all writes check it under
the chat's lock: nothing is stored after the block, and sending needs no extra query.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chatapp import clock
from chatapp.access import hides_blocked
from chatapp.actions import presence_changes, typing
from chatapp.auth.actor import Actor
from chatapp.errors import Invalid, NotFound, Reason
from chatapp.events.types import BlockChanged, ChatRead
from chatapp.infra.postgres import db
from chatapp.models import Block, Chat, User
from chatapp.queries import blocks as block_queries
from chatapp.queries import fragments, people
from chatapp.queries.blocks import BlockedPerson
from chatapp.transaction import UnitOfWork, unit_of_work


@dataclass(frozen=True, slots=True)
class _Change:
    """The chats of two users after a block was inserted or deleted.

    Attributes:
        chats: those between the two.
        larger_chats: larger chats of both.
        is_open: whether neither blocks the other now.
        has_changed: whether that differs from before.
    """

    chats: list[Chat]
    larger_chats: list[Chat]
    is_open: bool
    has_changed: bool


def block(actor: Actor, who: int | str) -> BlockedPerson:
    """Block a user. What was written stays readable. Repeating it changes nothing.

    Parameters:
        who: id or username.

    Raises:
        NotFound: `user_not_found`.
        Invalid: `cannot_block_self`.
    """
    change = None
    with unit_of_work() as work:
        other = _person(who)
        if other.id == actor.id:
            field = "user_id" if isinstance(who, int) else "username"
            raise Invalid({field: [Reason("cannot_block_self")]}, "cannot_block_self")
        lock_pair(actor.id, other.id)
        was_open = _is_open(actor.id, other.id)
        if _insert_block(actor.id, other.id):
            change = _change_chats(work, actor.id, other.id, blocks=True, was_open=was_open)
        blocked = block_queries.of_pair(actor.id, other.id)
        assert blocked is not None, "the pair is locked"
    _publish_presence(actor, other, change)
    if change is not None:
        typing.hide_typing(change.larger_chats, (other.id, str(other.uuid)), actor.id)
    return blocked


def unblock(actor: Actor, who: int | str) -> None:
    """Unblock a user. Messages that each read meanwhile are shown as read now, unless the other still blocks the actor.

    Parameters:
        who: id or username.

    Raises:
        NotFound: `user_not_found`, `block_not_found`.
    """
    with unit_of_work() as work:
        other = _person(who)
        lock_pair(actor.id, other.id)
        of_pair = (Block.blocker_id == actor.id) & (Block.blocked_id == other.id)
        if not Block.delete().where(of_pair).execute():
            raise NotFound("block_not_found")
        change = _change_chats(work, actor.id, other.id, blocks=False, was_open=False)
    _publish_presence(actor, other, change)


def lock_pair(user_id: int, other_id: int) -> None:
    """Lock two users' relation until the transaction ends.

    Blocking and creating a chat both take this lock, so a block applies to every chat of the two.
    """
    pair = f"pair {min(user_id, other_id)} {max(user_id, other_id)}"
    db.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (pair,))


def _person(who: int | str) -> User:
    found = people.person_to_block(who)
    if found is None:
        raise NotFound("user_not_found")
    return found


def _is_open(user_id: int, other_id: int) -> bool:
    status = block_queries.between(user_id, other_id)
    return not status.is_blocked and not status.is_blocked_by


def _insert_block(blocker_id: int, blocked_id: int) -> bool:
    """Insert a block; False if it exists already."""
    inserted = db.execute_sql(
        "INSERT INTO blocks (blocker_id, blocked_id) VALUES (%s, %s) ON CONFLICT DO NOTHING RETURNING 1",
        (blocker_id, blocked_id),
    )
    return inserted.fetchone() is not None


# All that both are in. Locked in the order of ids: two users who block each other at once must not deadlock.
_LOCK_CHATS = """
SELECT * FROM chats WHERE id IN (
    SELECT mine.chat_id FROM chat_members mine JOIN chat_members theirs ON theirs.chat_id = mine.chat_id
    WHERE mine.user_id = %s AND theirs.user_id = %s
) ORDER BY id FOR NO KEY UPDATE
"""


def _change_chats(work: UnitOfWork, blocker_id: int, blocked_id: int, *, blocks: bool, was_open: bool) -> _Change:
    """Store the change on all chats between the two, and mark the chats as changed, for clients that catch up.

    Larger chats of both look different to the blocker alone, if they hide messages.
    """
    locked: list[Chat] = list(Chat.raw(_LOCK_CHATS, blocker_id, blocked_id))
    chats = [chat for chat in locked if chat.pair]
    larger = [chat for chat in locked if not chat.pair and hides_blocked()]
    ids, larger_ids = ([int(chat.id) for chat in some] for some in (chats, larger))
    is_open = _is_open(blocker_id, blocked_id)
    work.publish_after_commit(
        BlockChanged(
            recipients=(blocker_id,),
            blocked_id=blocked_id,
            is_blocked=blocks,
            chat_ids=tuple(ids),
            larger_chat_ids=tuple(larger_ids),
        )
    )
    if is_open:
        _publish_hidden_reads(work, ids)
    db.execute_sql(
        "UPDATE chats SET blocked = %s, changed_in = transaction_stamp() WHERE id = ANY(%s)", (not is_open, ids)
    )
    # The first block freezes the receipts that each sees of the other; removing the last one unfreezes them.
    db.execute_sql(
        "UPDATE chat_members SET changed_in = transaction_stamp(),"
        " receipts_to = CASE WHEN %s THEN NULL ELSE coalesce(receipts_to, last_read_seq) END WHERE chat_id = ANY(%s)",
        (is_open, ids),
    )
    if larger_ids:
        db.execute_sql(
            "UPDATE chat_members SET changed_in = transaction_stamp() WHERE user_id = %s AND chat_id = ANY(%s)",
            (blocker_id, larger_ids),
        )
    return _Change(chats, larger, is_open, has_changed=is_open != was_open)


_HIDDEN_READS = f"""
SELECT c.id, c.last_version, m.user_id, {fragments.counterpart_id("c", "m.user_id")},
    r.message_id, r.up_to_seq, r.read_at, u.uuid::text
FROM chat_members m JOIN chats c ON c.id = m.chat_id JOIN users u ON u.id = m.user_id
CROSS JOIN LATERAL (
    SELECT * FROM read_marks WHERE chat_id = m.chat_id AND user_id = m.user_id ORDER BY up_to_seq DESC LIMIT 1
) r
WHERE m.chat_id = ANY(%s) AND r.up_to_seq > m.receipts_to
"""


def _publish_hidden_reads(work: UnitOfWork, chat_ids: list[int]) -> None:
    """Publish how far each read during the block, for connected clients of the other."""
    rows: list[Any] = db.execute_sql(_HIDDEN_READS, (chat_ids,)).fetchall()
    for chat_id, version, reader_id, other_id, message_id, up_to_seq, read_at, uuid in rows:
        work.publish_after_commit(
            ChatRead(
                recipients=(other_id,),
                chat_id=chat_id,
                version=version,
                reader_id=reader_id,
                message_id=message_id,
                up_to_seq=up_to_seq,
                read_at=clock.rfc3339(read_at),
                reader_uuid=uuid,
            )
        )


def _publish_presence(actor: Actor, other: User, change: _Change | None) -> None:
    """End typing, and publish that each goes offline or online for the other. Nothing of it is stored."""
    if change is None or not change.has_changed:
        return
    with_messages = [chat for chat in change.chats if chat.last_seq > 0]
    if not with_messages:
        return
    users = (actor.id, actor.uuid), (other.id, str(other.uuid))
    if not change.is_open:
        typing.stop_typing_between(with_messages, users)
    presence_changes.exchange_presence(*users, are_visible=change.is_open)
