"""Chats, their members and read positions."""

from __future__ import annotations

from peewee import SQL, BigIntegerField, BooleanField, CompositeKey, IntegerField, TextField
from playhouse.postgres_ext import BinaryJSONField

from chatapp.ids.pair_key import members_of
from chatapp.models.base import DateTimeTZField, Table, TransactionIdField

# `active_bucket` of the member who did not open a chat of two, until its first message: no list of theirs shows it.
NOT_LISTED = 0


GROUP = "group"  # `kind` of a chat whose members change
ASSISTANT = "assistant"  # `kind` of a session of the shop assistant; all other kinds are of chats of two
CHAT_CLASS, SESSION_CLASS = 0, 1  # retention classes of messages: those of chats stay, those of sessions expire


class Chat(Table):
    """A chat about an item, a direct one, a group, or a session of the assistant.

    `last_seq`, `last_version` and `member_count` change only under the lock of the row.

    Attributes:
        pair_key: of a chat of two (`ids.pair_key`); NULL for a larger one: a group, a session.
        title, picture_id, member_count: of a larger chat. `picture_id` is the attachment that shows it.
        last_system: what the newest system message says, with its `message_id` (`actions.system_messages`).
        has_block: whether one of the two blocks the other: then nothing passes between them. Its column has another
            name, because the release before reads all columns into a model with a property of this name.
    """

    id = BigIntegerField(primary_key=True, constraints=[SQL("DEFAULT make_id()")])
    kind = TextField()
    item_id = BigIntegerField(null=True)
    pair_key = TextField(null=True)
    title = TextField(null=True)
    picture_id = BigIntegerField(null=True)
    member_count = IntegerField(default=0)
    last_system = BinaryJSONField(null=True, index=False)
    last_seq = BigIntegerField(default=0)
    last_version = BigIntegerField(default=0)
    first_message_id = BigIntegerField(default=0)
    last_message_id = BigIntegerField(default=0)
    last_message_sender_id = BigIntegerField(null=True)
    last_message_text = TextField(default="")
    last_message_deleted = BooleanField(default=False)
    last_message_at = DateTimeTZField(null=True)
    has_block = BooleanField(default=False, column_name="blocked")
    created_at = DateTimeTZField(constraints=[SQL("DEFAULT now()")])
    updated_at = DateTimeTZField(constraints=[SQL("DEFAULT now()")])
    changed_in = TransactionIdField(constraints=[SQL("DEFAULT transaction_stamp()")])

    class Meta:
        table_name = "chats"

    @property
    def pair(self) -> tuple[int, ...]:
        """The ids of both members of a chat of two; nothing for a larger chat."""
        return members_of(self.pair_key)

    @property
    def retention(self) -> int:
        """The retention class of its messages."""
        return SESSION_CLASS if self.kind == ASSISTANT else CHAT_CLASS

    @property
    def shows_typing(self) -> bool:
        """Whether members see each other typing: not before the first message, nor during a block."""
        return self.last_seq > 0 and not self.has_block


class ChatMember(Table):
    """A user's membership of a chat.

    Attributes:
        joined_seq, cleared_seq: messages up to these are hidden from the member.
        joined_message_id: the id of the message with `joined_seq`: where only ids are known, it hides the same.
        last_read_seq: the read pointer. Unread = last_seq - greatest(last_read_seq, cleared_seq, joined_seq).
        receipts_frozen_at_seq: during a block, how far the other sees this member as having read; else NULL. The column
            is `receipts_to`.
        active_bucket: of a chat of two, `clock.activity_bucket` of its last activity, or `NOT_LISTED`.
        has_unread: of a chat of two, whether there may be unread messages.
        is_archived, archived_seq: `queries.fragments.is_archived` has the rule.
        snoozed_until, snoozed_seq: `queries.fragments.is_snoozed` has the rule.
        unread_mark_seq: `queries.fragments.is_marked_unread` has the rule.
        draft_seq: `queries.fragments.has_draft` has the rule.
        settings_version: incremented by each change of the member's settings or draft.
        has_hidden: whether the member has hidden messages of the chat.
    """

    chat_id = BigIntegerField()
    user_id = BigIntegerField()
    role = TextField(default="member")
    joined_seq = BigIntegerField(default=0)
    joined_message_id = BigIntegerField(default=0)
    cleared_seq = BigIntegerField(default=0)
    last_read_seq = BigIntegerField(default=0)
    receipts_frozen_at_seq = BigIntegerField(null=True, column_name="receipts_to")
    active_bucket = IntegerField(default=0)
    has_unread = BooleanField(default=False)
    is_archived = BooleanField(default=False)
    archived_seq = BigIntegerField(null=True)
    muted_until = DateTimeTZField(null=True)
    pinned_at = DateTimeTZField(null=True)
    snoozed_until = DateTimeTZField(null=True)
    snoozed_seq = BigIntegerField(null=True)
    unread_mark_seq = BigIntegerField(null=True)
    draft_seq = BigIntegerField(null=True)
    settings_version = BigIntegerField(default=0)
    has_hidden = BooleanField(default=False)
    changed_in = TransactionIdField(constraints=[SQL("DEFAULT transaction_stamp()")])

    class Meta:
        table_name = "chat_members"
        primary_key = CompositeKey("user_id", "chat_id")

    @property
    def visible_floor(self) -> int:
        """The `seq` up to which messages are hidden from this member; in SQL `queries.fragments.visible_floor`."""
        return max(self.cleared_seq, self.joined_seq)

    @property
    def read_floor(self) -> int:
        """The `seq` up to which this member has nothing unread; in SQL `queries.fragments.read_floor`."""
        return max(self.last_read_seq, self.visible_floor)

    @property
    def is_marked_unread(self) -> bool:
        """Whether the member marked the chat as unread; in SQL `queries.fragments.is_marked_unread`."""
        return self.unread_mark_seq == self.last_read_seq


class Draft(Table):
    """A text that a member has begun to write. It is void once `draft_seq` of the membership is."""

    user_id = BigIntegerField()
    chat_id = BigIntegerField()
    content = TextField()
    updated_at = DateTimeTZField()

    class Meta:
        table_name = "drafts"
        primary_key = CompositeKey("user_id", "chat_id")


class ReadMark(Table):
    """The time at which a user had read up to `up_to_seq`."""

    chat_id = BigIntegerField()
    user_id = BigIntegerField()
    up_to_seq = BigIntegerField()
    message_id = BigIntegerField(default=0)
    read_at = DateTimeTZField(constraints=[SQL("DEFAULT now()")])

    class Meta:
        table_name = "read_marks"
        primary_key = CompositeKey("chat_id", "user_id", "up_to_seq")
