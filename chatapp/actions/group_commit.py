"""Group commit: one batch of messages in one transaction and two round trips, however many messages.

Chats are locked with SKIP LOCKED, so batches never wait for each other and cannot deadlock. Idempotency keys are read
after the locks are held, so repetitions within a chat always find each other. The lock of a chat's row serialises its
writers: that is what makes its order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import gevent

from chatapp import clock, metrics
from chatapp.actions import group_commit_references as references
from chatapp.actions import presence_changes
from chatapp.actions.assistant import questions, waking
from chatapp.actions.attachments import sharing
from chatapp.actions.content import check_files_match
from chatapp.actions.draft import Draft
from chatapp.actions.group_commit_sql import Facts, Head, Rows, begin, lock_attachments, write_and_commit
from chatapp.errors import ChatError, Conflict, Forbidden, Invalid, NotFound, Reason
from chatapp.events.bus import bus
from chatapp.events.snapshots import AttachmentSnapshot, MessageExtras, MessageSnapshot, SessionNote
from chatapp.events.types import MessageSent
from chatapp.ids import snowflake
from chatapp.infra.postgres import database_connection
from chatapp.models.chats import ASSISTANT, SESSION_CLASS
from chatapp.queries import messages as message_queries
from chatapp.transaction import publish


class Contended:
    """Another transaction holds the chat's lock: the draft joins the next batch."""


CONTENDED = Contended()
Outcome = MessageSnapshot | ChatError | Contended


def commit(drafts: list[Draft]) -> list[Outcome]:
    """Store the drafts that can be stored, in their order; returns one outcome per draft.

    Raises:
        Unavailable: Postgres is away. Any of the messages may have been stored.
    """
    # Without `db.atomic`: BEGIN and COMMIT share round trips with other statements. If a statement fails, the pool
    # rolls back when the connection is returned.
    with database_connection():
        mentioned = {id for draft in drafts for id in draft.mention_ids}
        wanted = [(draft.sender_id, draft.key) for draft in drafts]
        facts = begin({draft.chat_id for draft in drafts}, wanted, mentioned)
        facts.attachments = lock_attachments(
            [id for draft in drafts if draft.chat_id in facts.heads for id in draft.attachment_ids]
        )
        sessions = questions.read_heads([head.id for head in facts.heads.values() if head.kind == ASSISTANT])
        batch = CommitBatch(facts, references.read(drafts, facts.heads), sessions)
        outcomes = [batch.add(draft) for draft in drafts]
        recorded = questions.record(sessions, batch.events)
        write_and_commit(batch.rows, facts.heads, batch.events, facts.outbox_id)
        if batch.replays:
            _fill_replays(batch, outcomes)
    if batch.events:
        publish_stored(batch.events, facts.outbox_id)
    bus.publish(recorded.signals)
    if recorded.has_questions:
        waking.wake()
    return outcomes


def publish_stored(events: list[MessageSent], outbox_id: int) -> None:
    """Count and publish the messages of a commit."""
    over_sockets = sum(event.origin is not None for event in events)
    metrics.group_committed(len(events) - over_sockets, over_sockets)
    publish(events, outbox_id)
    _publish_presence([event.message for event in events if event.message.seq == 1])


def _publish_presence(first_messages: list[MessageSnapshot]) -> None:
    """Publish the presence of both members to each other: a chat of two shows it from its first message on.

    In greenlets, since it waits for Redis.
    """
    for message in first_messages:
        if message.counterpart is not None:
            members = ((person.id, person.uuid) for person in (message.sender, message.counterpart))
            gevent.spawn(presence_changes.exchange_presence, *members, are_visible=True)


class CommitBatch:
    """Numbers the messages of one transaction and collects the rows to write.

    Attributes:
        events: one per new message, in their order.
        replays: id of a message that was stored before, to the indexes of the drafts that repeat it.
    """

    def __init__(
        self, facts: Facts, referred: references.References, sessions: Mapping[int, questions.SessionHead] | None = None
    ) -> None:
        self.facts = facts
        self._sessions = sessions or {}
        self._referred = referred
        self.rows = Rows()
        self.events: list[MessageSent] = []
        self.replays: dict[int, list[int]] = {}
        self._numbered: dict[tuple[int, str], tuple[str, MessageSnapshot]] = {}
        self._index = -1

    def add(self, draft: Draft) -> Outcome:
        """Number a draft as the next message of its chat; returns the message, or why it is not stored."""
        self._index += 1
        head = self.facts.heads.get(draft.chat_id)
        if head is None:
            return CONTENDED if draft.chat_id in self.facts.contended else NotFound("chat_not_found")
        if draft.sender_id not in head.members:
            return NotFound("chat_not_found")
        mismatch = _target_mismatch(draft, head)
        if mismatch is not None:
            return mismatch
        key = (draft.sender_id, draft.key)
        if key in self.facts.keys:
            return self._replay(draft, *self.facts.keys[key])
        if key in self._numbered:
            fingerprint, message = self._numbered[key]
            return message if fingerprint == draft.fingerprint else Conflict("client_key_reused")
        if head.is_blocked:  # checked after the keys: a message from before the block can still be repeated
            return Forbidden("blocked")
        session = self._sessions.get(head.id)
        if session is not None and (ended := questions.refusal(session)) is not None:
            return ended
        try:
            extras = self._referred.extras_of(self._index, draft, head) if draft.has_references else None
            copies = self._referred.copies_of(self._index, draft) if draft.forwarded else []
            attachments = self._take_attachments(draft) if draft.attachment_ids else copies
        except (Invalid, NotFound) as refused:
            return refused
        if session is not None:
            role = "user" if draft.sender_id == session.visitor_id else "human"
            extras = replace(extras or MessageExtras(), session=SessionNote(role))
        message = self._number(draft, head, attachments, extras)
        self._numbered[key] = (draft.fingerprint, message)
        self._collect_rows(draft, head, message)
        return message

    def _replay(self, draft: Draft, fingerprint: str, message_id: int) -> Outcome:
        if fingerprint != draft.fingerprint:
            return Conflict("client_key_reused")
        self.replays.setdefault(message_id, []).append(self._index)
        return NotFound("message_not_found")  # replaced by `_fill_replays` if the message still exists

    def _take_attachments(self, draft: Draft) -> list[AttachmentSnapshot]:
        """The files of a draft, in its order. Each file can be sent once."""
        known = [self.facts.attachments.get(id) for id in draft.attachment_ids]
        attachments = [file for file in known if file is not None and file.uploader_id == draft.sender_id]
        if len(attachments) < len(draft.attachment_ids):
            raise Invalid({"attachment_ids": [Reason("not_yours_or_sent")]}, "attachment_not_found")
        check_files_match(draft.message_type, attachments)
        for id in draft.attachment_ids:
            del self.facts.attachments[id]
        return attachments

    def _number(
        self, draft: Draft, head: Head, attachments: list[AttachmentSnapshot], extras: MessageExtras | None
    ) -> MessageSnapshot:
        id = snowflake.next_message_id(head.last_message_id, self.facts.clock_ms, self.facts.sequence[len(self.events)])
        head.last_seq += 1
        head.last_version += 1
        head.last_message_id = id
        head.first_message_id = head.first_message_id or id
        # The time of a message is that of its id, so times never contradict the order of the chat.
        moment = clock.rfc3339(snowflake.moment_of(id))
        counterpart = head.counterpart_of(draft.sender_id)
        head.last = MessageSnapshot(
            id=id,
            chat_id=head.id,
            seq=head.last_seq,
            version=head.last_version,
            sent_version=head.last_version,
            sender=head.members[draft.sender_id].person,
            counterpart=None if counterpart is None else counterpart.person,
            message_type=draft.message_type,
            content=draft.content,
            location=draft.location,
            client_key=draft.idempotency_key,
            created_at=moment,
            updated_at=moment,
            attachments_count=len(attachments),
            attachments=tuple(replace(file, message_id=id, chat_id=head.id) for file in attachments),
            original_language=draft.original_language,
            extras=extras,
        )
        return head.last

    def _collect_rows(self, draft: Draft, head: Head, message: MessageSnapshot) -> None:
        self.rows.messages.append(
            {
                "id": message.id,
                "chat_id": head.id,
                "seq": message.seq,
                "version": message.version,
                "sender_id": draft.sender_id,
                "message_type": draft.message_type,
                "content": draft.content,
                "location": draft.location,
                "client_key": draft.idempotency_key,
                "has_links": draft.has_links,
                "original_language": draft.original_language,
                "created_at": message.created_at,
                **references.columns(message.extras),
                **({"retention": SESSION_CLASS} if head.kind == ASSISTANT else {}),
            }
        )
        if message.attachments:
            self._collect_attachments(message, are_copies=draft.forwarded is not None)
        self.rows.keys.append(
            {
                "sender_id": draft.sender_id,
                "key": draft.key,
                "fingerprint": draft.fingerprint,
                "chat_id": head.id,
                "message_id": message.id,
            }
        )
        self._update_members(head, message)
        self.events.append(
            MessageSent(
                recipients=head.recipients,
                chat_id=head.id,
                version=message.version,
                message=message,
                origin=draft.origin,
            )
        )

    def _collect_attachments(self, message: MessageSnapshot, *, are_copies: bool) -> None:
        self.rows.messages[-1]["attachments_count"] = message.attachments_count
        if are_copies:
            self.rows.copies += sharing.rows_of(message.attachments)
            return
        for position, file in enumerate(message.attachments, start=1):
            row = {"id": file.id, "message_id": message.id, "chat_id": message.chat_id, "position": position}
            self.rows.attachments.append(row)

    def _update_members(self, head: Head, message: MessageSnapshot) -> None:
        """The sender has read the chat up to this message. For both, the chat is active, and no longer archived.

        In a larger chat only the sender's membership is written: for the other members, queries derive the rest.
        """
        active_bucket = clock.activity_bucket(snowflake.moment_of(message.id))
        sender_id = message.sender.id
        changing = {sender_id: head.members[sender_id]} if head.pair_key is None else head.members
        for user_id, member in changing.items():
            is_sender = user_id == sender_id
            if is_sender and member.last_read_seq < message.seq - 1:
                self.rows.read_marks.append(
                    {
                        "chat_id": head.id,
                        "user_id": user_id,
                        "up_to_seq": message.seq,
                        "message_id": message.id,
                        "read_at": message.created_at,
                    }
                )
            if is_sender:
                member.last_read_seq = message.seq
            else:
                # The flag may stay set when nothing is unread any more (docs/data.md): in an active chat it would
                # change with every message, and each change writes all indexes of the row.
                member.changed |= not member.has_unread
                member.has_unread = True
            member.changed |= is_sender or member.is_archived or member.active_bucket != active_bucket
            member.is_archived = False
            member.active_bucket = active_bucket


def _target_mismatch(draft: Draft, head: Head) -> ChatError | None:
    """The error if the sender named a user or an item that is not of this chat; else None."""
    target, other = draft.target, head.counterpart_of(draft.sender_id)
    if not target.chat_id:
        # The chat was found by user or item, perhaps long ago: that user must still be active, and still sell the item.
        is_sold_elsewhere = head.item_owner_id is not None and head.item_owner_id not in head.members
        meant_id = target.other_id or head.item_owner_id
        if other is None or meant_id != other.person.id or is_sold_elsewhere or other.is_gone:
            return NotFound("receiver_not_found")
    if target.other_id and (other is None or target.other_id != other.person.id):
        return Invalid({"receiver_id": [Reason("not_in_chat")]}, "receiver_not_in_chat")
    for kind in ("listing", "storefront_product"):
        named = getattr(target, f"{kind}_id")
        if named and (kind, named) != (head.kind, head.item_id):
            return Invalid({f"{kind}_id": [Reason("not_about_this")]}, "contradictory_targets")
    return None


def _fill_replays(batch: CommitBatch, outcomes: list[Outcome]) -> None:
    """Replace the outcomes of repetitions by the current state of their messages."""
    for snapshot in message_queries.snapshots_by_id(list(batch.replays)):
        for index in batch.replays[snapshot.id]:
            outcomes[index] = snapshot
