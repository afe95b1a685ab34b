"""Drafts: texts that a member has begun to write, on all devices of the member.

A draft belongs to a read pointer (`queries.fragments.has_draft`), so that sending clears it without a write. The
outbox keeps no text of a draft: only `DraftUpdated` carries it, which is not stored. A device that misses it finds the
draft in the list of chats and in its next catch-up.
"""

from __future__ import annotations

from dataclasses import dataclass

from peewee import SQL

from chatapp import clock
from chatapp.access import access_chat
from chatapp.actions import content as content_rules
from chatapp.auth.actor import Actor
from chatapp.errors import Invalid, NotFound, Reason
from chatapp.events.bus import bus
from chatapp.events.types import ChatSettingsChanged, DraftUpdated
from chatapp.infra.postgres import database_connection, db
from chatapp.models import ChatMember, Draft
from chatapp.queries import fragments
from chatapp.text import sanitizing
from chatapp.transaction import unit_of_work


@dataclass(frozen=True, slots=True)
class SavedDraft:
    """A draft. `content` is empty, and `updated_at` None, if there is none.

    Attributes:
        seq: the draft is void once its user has sent a message with a larger `seq`.
        settings_version: of the member.
    """

    content: str
    seq: int
    settings_version: int
    updated_at: str | None


def save_draft(actor: Actor, chat_id: int, content: str) -> SavedDraft:
    """Replace the actor's draft in a chat; a text without visible characters removes it.

    Raises:
        NotFound: not a chat of the actor's.
        Invalid: `content_too_long`.
    """
    content = content_rules.sanitize(content)
    if sanitizing.is_blank(content):
        content = ""
    longest = content_rules.rules().max_length
    if content_rules.length_of(content) > longest:
        raise Invalid({"content": [Reason("too_many_characters", max=longest)]}, "content_too_long")
    with unit_of_work() as work:
        access_chat(actor, chat_id)
        saved = _store(actor.id, chat_id, content)
        work.publish_after_commit(ChatSettingsChanged(recipients=(actor.id,), chat_id=chat_id))
    bus.publish(
        [
            DraftUpdated(
                recipients=(actor.id,),
                chat_id=chat_id,
                content=saved.content,
                seq=saved.seq,
                settings_version=saved.settings_version,
                updated_at=saved.updated_at or clock.rfc3339(clock.now()),
            )
        ]
    )
    return saved


def _store(user_id: int, chat_id: int, content: str) -> SavedDraft:
    membership = (ChatMember.user_id == user_id) & (ChatMember.chat_id == chat_id)
    rows = list(
        ChatMember.update(
            draft_seq=ChatMember.last_read_seq if content else None,
            settings_version=ChatMember.settings_version + 1,
            changed_in=SQL("transaction_stamp()"),
        )
        .where(membership)
        .returning(ChatMember.last_read_seq, ChatMember.settings_version)
        .execute()
    )
    if not rows:  # the chat was deleted, or left, since access was checked
        raise NotFound("chat_not_found")
    seq, version = int(rows[0].last_read_seq), int(rows[0].settings_version)
    if not content:
        Draft.delete().where(Draft.user_id == user_id, Draft.chat_id == chat_id).execute()
        return SavedDraft("", seq, version, None)
    now = clock.now()
    Draft.insert(user_id=user_id, chat_id=chat_id, content=content, updated_at=now).on_conflict(
        conflict_target=(Draft.user_id, Draft.chat_id), preserve=(Draft.content, Draft.updated_at)
    ).execute()
    return SavedDraft(content, seq, version, clock.rfc3339(now))


def load_draft(actor: Actor, chat_id: int) -> SavedDraft:
    """The actor's draft in a chat.

    Raises:
        NotFound: not a chat of the actor's.
    """
    with database_connection():
        member = access_chat(actor, chat_id).member
        row = db.execute_sql(
            "SELECT d.content, d.updated_at FROM chat_members m JOIN drafts d USING (user_id, chat_id)"
            f" WHERE m.user_id = %s AND m.chat_id = %s AND {fragments.has_draft('m')}",
            (actor.id, chat_id),
        ).fetchone()
    content, updated_at = ("", None) if row is None else (row[0], clock.rfc3339(row[1]))
    return SavedDraft(content, member.last_read_seq, member.settings_version, updated_at)


def sweep_drafts() -> int:
    """Delete the texts of drafts that are void because their users have sent a message; returns how many. For a job.

    Raises:
        Unavailable: Postgres is away.
    """
    with unit_of_work():
        return int(
            db.execute_sql(
                "DELETE FROM drafts d USING chat_members m WHERE m.user_id = d.user_id AND m.chat_id = d.chat_id"
                f" AND {fragments.has_draft('m')} IS NOT TRUE"
            ).rowcount
        )
