"""Chats, who is in them and how far each has read."""

from __future__ import annotations

from peewee import SQL, BigIntegerField, BooleanField, CompositeKey, IntegerField, TextField

from chatapp.models.base import DateTimeTZField, Table, TransactionIdField

# In `active_bucket` of whoever did not open a chat, until its first message: it is in none of this member's lists.
NOT_LISTED = 0


class Chat(Table):
    """A conversation about an item, or a direct one. `last_seq` and `last_version` move only under this row's lock."""

    id = BigIntegerField(primary_key=True, constraints=[SQL("DEFAULT make_id()")])
    kind = TextField()
    item_id = BigIntegerField(null=True)
    buyer_id = BigIntegerField()
    seller_id = BigIntegerField()
    last_seq = BigIntegerField(default=0)
    last_version = BigIntegerField(default=0)
    first_message_id = BigIntegerField(default=0)
    last_message_id = BigIntegerField(default=0)
    last_message_sender_id = BigIntegerField(null=True)
    last_message_text = TextField(default="")
    last_message_deleted = BooleanField(default=False)
    last_message_at = DateTimeTZField(null=True)
    buyer_blocks = BooleanField(default=False)
    seller_blocks = BooleanField(default=False)
    created_at = DateTimeTZField(constraints=[SQL("DEFAULT now()")])
    updated_at = DateTimeTZField(constraints=[SQL("DEFAULT now()")])
    changed_in = TransactionIdField(constraints=[SQL("DEFAULT transaction_stamp()")])

    class Meta:
        table_name = "chats"

    @property
    def member_ids(self) -> tuple[int, int]:
        """The ids of both members."""
        return int(self.buyer_id), int(self.seller_id)

    def other_member(self, user_id: int) -> int:
        """The one whom this person talks to."""
        return int(self.seller_id if user_id == self.buyer_id else self.buyer_id)

    @property
    def is_blocked(self) -> bool:
        """Whether either of the two blocks the other: then nothing passes between them."""
        return bool(self.buyer_blocks or self.seller_blocks)

    @property
    def shows_presence(self) -> bool:
        """Whether each may see that the other is there, or types: not behind a block, nor before the first message."""
        return self.last_seq > 0 and not self.is_blocked


class ChatMember(Table):
    """One person in one chat. Unread = last_seq - greatest(last_read_seq, cleared_seq, joined_seq).

    `receipts_to` is how far the other may see that this person has read, where that is less than `last_read_seq`;
    `active_bucket` is `clock.activity_bucket` of the chat's last activity, or `NOT_LISTED`.
    """

    chat_id = BigIntegerField()
    user_id = BigIntegerField()
    role = TextField(default="member")
    joined_seq = BigIntegerField(default=0)
    cleared_seq = BigIntegerField(default=0)
    last_read_seq = BigIntegerField(default=0)
    receipts_frozen_at_seq = BigIntegerField(null=True, column_name="receipts_to")
    active_bucket = IntegerField(default=0)
    has_unread = BooleanField(default=False)
    is_archived = BooleanField(default=False)
    muted_until = DateTimeTZField(null=True)
    pinned_at = DateTimeTZField(null=True)
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


class ReadMark(Table):
    """When a person had read up to `up_to_seq`."""

    chat_id = BigIntegerField()
    user_id = BigIntegerField()
    up_to_seq = BigIntegerField()
    message_id = BigIntegerField(default=0)
    read_at = DateTimeTZField(constraints=[SQL("DEFAULT now()")])

    class Meta:
        table_name = "read_marks"
        primary_key = CompositeKey("chat_id", "user_id", "up_to_seq")
