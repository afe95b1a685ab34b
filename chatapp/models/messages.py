"""Messages, and the log of their changes."""

from __future__ import annotations

from peewee import SQL, BigIntegerField, BooleanField, CompositeKey, SmallIntegerField, TextField
from playhouse.postgres_ext import ArrayField, BinaryJSONField

from chatapp.models.base import DateTimeTZField, Table, TransactionIdField
from chatapp.models.chats import CHAT_CLASS, SESSION_CLASS

RETENTION_CLASSES = (CHAT_CLASS, SESSION_CLASS)
SYSTEM = "system"  # `message_type` of the messages that the server writes about a group


class Message(Table):
    """A message. `retention` is the class of partitions that it is stored in and expires with.

    Attributes:
        original_language: of the text, as a tag; NULL if unknown.
        mentions: ids of the mentioned members.
        forwarded_from_id, forwarded_sender_id: of a forwarded message, the first one of the chain and its sender.
        system: what a message of type `system` says (`actions.system_messages`).
        reactions: by kind, as `queries.reactions` writes and reads them; NULL without reactions.
        extra: of a message in a session: `queries.session_notes` writes and reads it.
    """

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
    system = BinaryJSONField(null=True, index=False)
    reply_to_id = BigIntegerField(null=True)
    client_key = TextField(null=True)
    attachments_count = SmallIntegerField(default=0)
    has_links = BooleanField(default=False)
    original_language = TextField(null=True)
    mentions = ArrayField(BigIntegerField, null=True, index=False)
    forwarded_from_id = BigIntegerField(null=True)
    forwarded_sender_id = BigIntegerField(null=True)
    link_preview = BinaryJSONField(null=True, index=False)
    reactions = BinaryJSONField(null=True, index=False)
    extra = BinaryJSONField(null=True, index=False)
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
