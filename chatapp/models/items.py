"""Items that chats are about."""

from __future__ import annotations

from peewee import SQL, BigIntegerField, BooleanField, CompositeKey, DecimalField, TextField
from playhouse.postgres_ext import BinaryJSONField

from chatapp.models.base import DateTimeTZField, Table


class Item(Table):
    """The copy of a listing or storefront product of the host; `id` is the host's."""

    kind = TextField()
    id = BigIntegerField()
    title = TextField(default="")
    image_url = TextField(null=True)
    price = DecimalField(max_digits=18, decimal_places=2, null=True)
    currency = TextField(null=True)
    description = TextField(default="")
    category = TextField(null=True)
    attributes = BinaryJSONField(null=True, index=False)
    url = TextField(null=True)
    is_available = BooleanField(default=True)
    seller_id = BigIntegerField(null=True)
    is_deleted = BooleanField(default=False)
    created_at = DateTimeTZField(constraints=[SQL("DEFAULT now()")])
    updated_at = DateTimeTZField(constraints=[SQL("DEFAULT now()")])

    class Meta:
        table_name = "items"
        primary_key = CompositeKey("kind", "id")
