"""Messages, and the log of their changes."""

from __future__ import annotations

from peewee import SQL, BigIntegerField, BooleanField, CompositeKey, SmallIntegerField, TextField
from playhouse.postgres_ext import BinaryJSONField

from chatapp.models.base import DateTimeTZField, Table, TransactionIdField


class Message(Table):
    """A message. `retention` is the class of partitions that it is stored in and expires with (0: chats)."""

    id = BigIntegerField()
    retention = SmallIntegerField(default=0)
    chat_id = BigIntegerField()
    seq = BigIntegerField()
    version = BigIntegerField()
    changed_version = BigIntegerField(null=True)
    sender_id = BigIntegerField(null=True)
    message_type = TextField(default="text")
    content = TextField()
    location = BinaryJSONField(null=True, index=False)
    reply_to_id = BigIntegerField(null=True)
    client_key = TextField(null=True)
    attachments_count = SmallIntegerField(default=0)
    has_links = BooleanField(default=False)
    edited_at = DateTimeTZField(null=True)
    deleted_at = DateTimeTZField(null=True)
    created_at = DateTimeTZField()
    created_in = TransactionIdField(constraints=[SQL("DEFAULT transaction_stamp()")])

    class Meta:
        table_name = "messages"
        primary_key = CompositeKey("id", "retention")


class MessageChange(Table):
    """One change of a message after it was sent: an entry of its chat's log."""

    message_id = BigIntegerField()
    retention = SmallIntegerField(default=0)
    chat_id = BigIntegerField()
    version = BigIntegerField()
    actor_id = BigIntegerField()
    kind = TextField()
    old_content = TextField(null=True)
    detail = BinaryJSONField(null=True, index=False)
    created_at = DateTimeTZField(constraints=[SQL("DEFAULT now()")])
    created_in = TransactionIdField(constraints=[SQL("DEFAULT transaction_stamp()")])

    class Meta:
        table_name = "message_changes"
        primary_key = CompositeKey("message_id", "version", "retention")
