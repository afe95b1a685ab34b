"""Each member's own settings of a chat: archive, mute, pin, snooze, and the mark as unread.

Every change increments the version of the member's settings, so that all devices of the user arrive at the same state
in whatever order the events reach them. The chat is locked meanwhile: whether a message came before or after an
archive or a snooze, which it ends, is then beyond doubt.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from peewee import SQL

from chatapp import clock
from chatapp.access import access_chat
from chatapp.actions.attachments.attaching import lock_chat
from chatapp.auth.actor import Actor
from chatapp.errors import Conflict, Invalid, Reason
from chatapp.events.snapshots import ChatSettings
from chatapp.events.types import ChatSettingsChanged
from chatapp.infra.postgres import database_connection, db
from chatapp.models import Chat, ChatMember
from chatapp.queries.chat_summaries import FOREVER
from chatapp.transaction import UnitOfWork, unit_of_work

MAX_PINNED = 100  # chats of one user: a list shows them all before the others
BATCH = 200  # snoozes that end in one run of the worker


def set_archived(actor: Actor, chat_id: int, archived: bool) -> None:
    """Archive a chat for the actor, until its next message; False restores it.

    Raises:
        NotFound: not a chat of the actor's.
    """
    with unit_of_work() as work:
        chat = access_chat(actor, chat_id, lock=True).chat
        # In a chat of two, the next message clears the flag.
        up_to = chat.last_seq if archived and not chat.pair else None
        change(work, chat, actor.id, is_archived=archived, archived_seq=up_to)


def set_muted(actor: Actor, chat_id: int, until: dt.datetime | None) -> None:
    """Mute notifications of a chat for the actor until a time; `FOREVER` has no end, None unmutes.

    Raises:
        NotFound: not a chat of the actor's.
    """
    with unit_of_work() as work:
        change(work, access_chat(actor, chat_id, lock=True).chat, actor.id, muted_until=until)


def set_pinned(actor: Actor, chat_id: int, pinned: bool) -> None:
    """Pin a chat to the top of the actor's list, above those that are pinned; False unpins it.

    Raises:
        NotFound: not a chat of the actor's.
        Conflict: `too_many_pinned_chats`.
    """
    with unit_of_work() as work:
        if pinned:
            # Two devices that pin at once must see each other. Before the chat is locked, so that no sender waits.
            db.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"pins:{actor.id}",))
        chat = access_chat(actor, chat_id, lock=True).chat
        if pinned and _pinned_besides(actor.id, chat_id) >= MAX_PINNED:
            raise Conflict("too_many_pinned_chats")
        change(work, chat, actor.id, pinned_at=clock.now() if pinned else None)


def _pinned_besides(user_id: int, chat_id: int) -> int:
    pinned = (ChatMember.user_id == user_id) & ChatMember.pinned_at.is_null(False) & (ChatMember.chat_id != chat_id)
    return int(ChatMember.select().where(pinned).count())


def snooze(actor: Actor, chat_id: int, until: dt.datetime) -> None:
    """Hide a chat from the actor's list until a time or its next message, whichever comes first.

    Raises:
        NotFound: not a chat of the actor's.
        Invalid: the time has passed.
    """
    if until <= clock.now():
        raise Invalid({"until": [Reason("not_in_future")]})
    with unit_of_work() as work:
        chat = access_chat(actor, chat_id, lock=True).chat
        change(work, chat, actor.id, snoozed_until=until, snoozed_seq=chat.last_seq)


def unsnooze(actor: Actor, chat_id: int) -> None:
    """Show a snoozed chat again.

    Raises:
        NotFound: not a chat of the actor's.
    """
    with unit_of_work() as work:
        chat = access_chat(actor, chat_id, lock=True).chat
        change(work, chat, actor.id, snoozed_until=None, snoozed_seq=None)


def end_snoozes() -> int:
    """End the snoozes whose time has come, for a service of the worker; returns how many, at most `BATCH`.

    Lists show these chats already. This marks them as unread, so that their users notice them, and publishes it.

    Raises:
        Unavailable: Postgres is away; the next run continues.
    """
    with database_connection():
        due = db.execute_sql(
            "SELECT user_id, chat_id FROM chat_members WHERE snoozed_until <= now() ORDER BY snoozed_until LIMIT %s",
            (BATCH,),
        ).fetchall()
    for user_id, chat_id in due:
        _end_snooze(user_id, chat_id)
    return len(due)


def _end_snooze(user_id: int, chat_id: int) -> None:
    with unit_of_work() as work:
        chat = lock_chat(chat_id)
        membership = (ChatMember.user_id == user_id) & (ChatMember.chat_id == chat_id)
        member = ChatMember.select().where(membership & (ChatMember.snoozed_until <= SQL("now()"))).first()
        if chat is None or member is None:
            return  # deleted, or snoozed again
        # After a message the chat is unread anyway, or its user has seen it.
        was_quiet = member.snoozed_seq == chat.last_seq
        marked = {"unread_mark_seq": ChatMember.last_read_seq} if was_quiet else {}
        change(work, chat, user_id, snoozed_until=None, snoozed_seq=None, **marked)


def mark_unread(actor: Actor, chat_id: int) -> None:
    """Mark a chat as unread, until the actor reads it or writes in it. Receipts and counts do not change.

    Raises:
        NotFound: not a chat of the actor's.
    """
    with unit_of_work() as work:
        chat = access_chat(actor, chat_id, lock=True).chat
        change(work, chat, actor.id, unread_mark_seq=ChatMember.last_read_seq)


def change(work: UnitOfWork, chat: Chat, user_id: int, **columns: Any) -> None:
    """Change a membership, and publish the settings to the user's devices after the commit.

    Parameters:
        chat: locked.
        columns: of `ChatMember`, with their values.
    """
    membership = (ChatMember.user_id == user_id) & (ChatMember.chat_id == chat.id)
    (member,) = (
        ChatMember.update(
            **columns,
            settings_version=ChatMember.settings_version + 1,
            changed_in=SQL("transaction_stamp()"),
        )
        .where(membership)
        .returning(ChatMember)
        .execute()
    )
    event = ChatSettingsChanged(recipients=(user_id,), chat_id=chat.id, settings=_settings(chat, member))
    work.publish_after_commit(event)


def _settings(chat: Chat, member: ChatMember) -> ChatSettings:
    now = clock.now()
    is_muted = member.muted_until is not None and member.muted_until > now
    snoozed_until = member.snoozed_until
    is_snoozed = snoozed_until is not None and snoozed_until > now and (member.snoozed_seq or 0) >= chat.last_seq
    return ChatSettings(
        version=member.settings_version,
        seq=chat.last_seq,
        is_archived=member.is_archived and (member.archived_seq is None or member.archived_seq >= chat.last_seq),
        is_muted=is_muted,
        muted_until=clock.rfc3339(member.muted_until) if is_muted and member.muted_until != FOREVER else None,
        is_pinned=member.pinned_at is not None,
        snoozed_until=clock.rfc3339(snoozed_until) if is_snoozed else None,
        is_marked_unread=member.is_marked_unread,
    )
