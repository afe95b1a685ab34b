"""Request and response schemas of the service routes."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate

from chatapp.actions.people import MAX_EMAIL, MAX_NAME, MAX_URL, MAX_USERNAME
from chatapp.edge.http.fields import Boolean, Id, Integer, Number, ReplySchema, RequestSchema, Text, Timestamp
from chatapp.errors import Reason
from chatapp.ids.snowflake import MAX_ID
from chatapp.ids.user_reference import parse_user_reference

_HTTP_URL = validate.Regexp(r"https?://[^\s\x00-\x20\x7f]+\Z", error=Reason("not_an_http_url"))
_USERNAME = validate.Regexp(r"[^\s@/\x00-\x1f\x7f]+\Z", error=Reason("bad_external_username"))
_EMAIL = validate.Regexp(r"[^@\s\x00-\x20\x7f]+@[^@\s\x00-\x20\x7f]+\Z", error=Reason("not_an_email"))
_CURRENCY = validate.Regexp(r"[A-Z]{3}\Z", error=Reason("not_a_currency"))
MAX_PRICE = 10**15 - 1  # a double shows cents exactly up to here, with room in numeric(18, 2)


class PersonReference(fields.Raw):
    """A user by integer id or UUID."""

    def __init__(self, **options: Any) -> None:
        uuid_shape = {"type": "string", "format": "uuid"}
        metadata = {"anyOf": [{"type": "integer", "minimum": 1, "maximum": MAX_ID}, uuid_shape, {"type": "null"}]}
        super().__init__(metadata=metadata, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if type(value) is float and value.is_integer():
            value = int(value)
        reference = parse_user_reference(str(value)) if type(value) in (int, str) else None
        if reference is None:
            raise ValidationError(Reason("not_a_person"))
        return reference


class Item(RequestSchema):
    title = Text(500, 1, required=True)
    image_url = Text(MAX_URL, load_default=None, allow_none=True, validate=_HTTP_URL)
    price = Number(0, MAX_PRICE, load_default=None, allow_none=True)
    currency = Text(load_default=None, allow_none=True, validate=_CURRENCY)
    seller = PersonReference(data_key="seller_id", load_default=None, allow_none=True)


class CatalogueItem(ReplySchema):
    kind = Text()
    id = Id()
    title = Text()
    image_url = Text(allow_none=True)
    price = Number(allow_none=True)
    currency = Text(allow_none=True)
    seller_id = Id(allow_none=True)
    is_deleted = Boolean()
    updated_at = Timestamp()


class Profile(RequestSchema):
    username = Text(MAX_USERNAME, 1, validate=_USERNAME)
    name = Text(MAX_NAME)
    email = Text(MAX_EMAIL, allow_none=True, validate=_EMAIL)
    picture_url = Text(MAX_URL, allow_none=True, validate=_HTTP_URL)
    is_verified = Boolean(data_key="verified")


class Person(ReplySchema):
    id = Id()
    uuid = Text()
    username = Text()
    name = Text()
    email = Text(allow_none=True)
    picture_url = Text(allow_none=True)
    verified = Boolean()
    is_erased = Boolean()


class WorkerStats(ReplySchema):
    worker = Text()
    connections = Integer()
    frames_in = Integer()
    frames_out = Integer()


class SocketStats(ReplySchema):
    connections = Integer()
    users = Integer()
    frames_in = Integer()
    frames_out = Integer()
    workers = fields.List(fields.Nested(WorkerStats))
