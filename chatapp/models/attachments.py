"""Files in chats, and the objects in the bucket that hold their bytes."""

from __future__ import annotations

from peewee import SQL, BigIntegerField, SmallIntegerField, TextField
from playhouse.postgres_ext import BinaryJSONField

from chatapp.models.base import DateTimeTZField, Table

DELETING = "doomed"  # the stored value for objects that nothing refers to any more and whose bytes are to be deleted


class StoredObject(Table):
    """An object in the bucket: `pending` until its bytes are stored, then `stored`, and at the end `DELETING`."""

    name = TextField(primary_key=True)
    size = BigIntegerField()
    state = TextField(default="pending")
    remove_at = DateTimeTZField(null=True)
    writable_until = DateTimeTZField()
    created_at = DateTimeTZField(constraints=[SQL("DEFAULT now()")])

    class Meta:
        table_name = "objects"


class Attachment(Table):
    """A file of a message, or one that its uploader has not sent yet.

    Its state: `awaiting` bytes over a signed URL, `checking` while it is uploaded, `quarantined` until a scanner has
    seen it, or `ready`.
    """

    id = BigIntegerField(primary_key=True, constraints=[SQL("DEFAULT make_id()")])
    message_id = BigIntegerField(null=True)
    chat_id = BigIntegerField(null=True)
    uploader_id = BigIntegerField()
    position = SmallIntegerField(default=0)
    file_type = TextField(null=True)
    file_name = TextField()
    file_size = BigIntegerField()
    content_type = TextField(null=True)
    object_name = TextField()
    thumbnail_name = TextField(null=True)
    metadata = BinaryJSONField(default=dict, index=False)
    state = TextField()
    expires_at = DateTimeTZField(null=True)
    created_at = DateTimeTZField(constraints=[SQL("DEFAULT now()")])

    class Meta:
        table_name = "attachments"
