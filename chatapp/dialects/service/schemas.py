"""Request and response schemas of the service routes."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate

from chatapp.actions.people import MAX_EMAIL, MAX_NAME, MAX_URL, MAX_USERNAME
from chatapp.edge.http.fields import Boolean, Id, Number, ReplySchema, RequestSchema, Text, Timestamp
from chatapp.errors import Reason
from chatapp.ids.snowflake import MAX_ID
from chatapp.ids.user_reference import parse_user_reference

_HTTP_URL = validate.Regexp(r"https?://[^\s\x00-\x20\x7f]+\Z", error=Reason("not_an_http_url"))
_USERNAME = validate.Regexp(r"[^\s@/\x00-\x1f\x7f]+\Z", error=Reason("bad_external_username"))
_EMAIL = validate.Regexp(r"[^@\s\x00-\x20\x7f]+@[^@\s\x00-\x20\x7f]+\Z", error=Reason("not_an_email"))
_CURRENCY = validate.Regexp(r"[A-Z]{3}\Z", error=Reason("not_a_currency"))
MAX_PRICE = 10**15 - 1  # a double shows cents exactly up to here, with room in numeric(18, 2)
MAX_DESCRIPTION, MAX_CATEGORY = 10_000, 200
MAX_ATTRIBUTES, MAX_ATTRIBUTE_NAME, MAX_ATTRIBUTE = 50, 60, 200


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


class Attributes(fields.Dict):
    """What else the host knows about an item: texts and numbers by their names. Names and texts count as words."""

    def __init__(self, **options: Any) -> None:
        value = {"anyOf": [{"type": "string", "maxLength": MAX_ATTRIBUTE}, {"type": "number"}]}
        shape = {
            "additionalProperties": value,
            "maxProperties": MAX_ATTRIBUTES,
            "propertyNames": {"minLength": 1, "maxLength": MAX_ATTRIBUTE_NAME},
            "example": {"colour": "grey", "seats": 3},
        }
        super().__init__(metadata=shape, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, dict):
            raise ValidationError(Reason("not_an_object"))
        if len(value) > MAX_ATTRIBUTES:
            raise ValidationError(Reason("too_many", max=MAX_ATTRIBUTES))
        return {_ATTRIBUTE_NAME.deserialize(name): _attribute(each) for name, each in value.items()}


_ATTRIBUTE_NAME, _ATTRIBUTE_TEXT = Text(MAX_ATTRIBUTE_NAME, 1), Text(MAX_ATTRIBUTE)
_ATTRIBUTE_NUMBER = Number(-MAX_PRICE, MAX_PRICE)


def _attribute(value: Any) -> str | float:
    loaded: str | float = (_ATTRIBUTE_TEXT if isinstance(value, str) else _ATTRIBUTE_NUMBER).deserialize(value)
    return loaded


class Item(RequestSchema):
    title = Text(500, 1, required=True)
    description = Text(MAX_DESCRIPTION, load_default="")
    category = Text(MAX_CATEGORY, load_default=None, allow_none=True)
    attributes = Attributes(load_default=None, allow_none=True)
    url = Text(MAX_URL, load_default=None, allow_none=True, validate=_HTTP_URL)
    is_available = Boolean(load_default=True)
    image_url = Text(MAX_URL, load_default=None, allow_none=True, validate=_HTTP_URL)
    price = Number(0, MAX_PRICE, load_default=None, allow_none=True)
    currency = Text(load_default=None, allow_none=True, validate=_CURRENCY)
    seller = PersonReference(data_key="seller_id", load_default=None, allow_none=True)


class CatalogueItem(ReplySchema):
    kind = Text()
    id = Id()
    title = Text()
    description = Text()
    category = Text(allow_none=True)
    attributes = fields.Dict(allow_none=True)
    url = Text(allow_none=True)
    is_available = Boolean()
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


class ErasureReport(ReplySchema):
    state = Text(metadata={"enum": ["running", "redacting", "done"]})
    content = Text(metadata={"enum": ["anonymise", "remove"]})
    evidence = Text(metadata={"enum": ["erase", "keep"]})
    erased = fields.Dict(
        keys=fields.String(), values=fields.Integer(), metadata={"description": "Numbers of what went, by step."}
    )
    requested_at = Timestamp()
    finished_at = Timestamp(allow_none=True)
    compacted_at = Timestamp(allow_none=True)


class ErasedPerson(Person):
    erasure = fields.Nested(ErasureReport)
