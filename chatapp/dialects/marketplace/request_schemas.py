"""Schemas of the requests to the marketplace's REST routes. They validate, and OpenAPI is printed from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validates_schema

from chatapp.actions.content import MAX_FILES, MESSAGE_TYPES
from chatapp.actions.forwarding import MAX_TARGETS
from chatapp.actions.message_body import MAX_MENTIONS
from chatapp.edge.catchup import MAX_CATCH_UP, MAX_CURSOR
from chatapp.edge.http.fields import (
    CONTENT_BOUND,
    Boolean,
    Id,
    Integer,
    Items,
    LanguageTag,
    Limit,
    Number,
    OptionalId,
    RequestSchema,
    Text,
    Timestamp,
)
from chatapp.edge.http.middleware import MAX_KEY_LENGTH
from chatapp.errors import Reason
from chatapp.ids.snowflake import MAX_ID
from chatapp.text import sanitizing

MAX_PAGE = 1_000_000
MAX_READ_IDS = 500  # messages that one request names; reading is cumulative, so the newest would suffice
MAX_LIMIT = 100


class ChatsQuery(RequestSchema):
    """Which of my chats to list."""

    page = Integer(1, MAX_PAGE, load_default=1)
    limit = Limit(MAX_LIMIT)
    archived = Boolean(load_default=False)
    snoozed = Boolean(load_default=False, metadata={"description": "Those that I have snoozed and not archived."})
    q = Text(max_length=100, load_default="", metadata={"description": "Part of the other user's name, or of a title."})


class MessagesQuery(RequestSchema):
    """Which chat, by its id or by its item and other user, and which page of it."""

    chat_id = OptionalId()
    listing_id = OptionalId()
    storefront_product_id = OptionalId()
    receiver_id = OptionalId()
    page = Integer(1, MAX_PAGE, load_default=1)
    limit = Limit(MAX_LIMIT)
    before_id = OptionalId(metadata={"description": "Only messages older than this one, nearest first."})
    after_id = OptionalId(metadata={"description": "Only messages newer than this one, nearest first."})

    @validates_schema
    def one_direction(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Require some chat, and at most one of `before_id` and `after_id`."""
        if data.get("before_id") and data.get("after_id"):
            raise ValidationError(Reason("before_or_after"), "before_id")
        if not any(data.get(name) for name in TARGETS):
            raise ValidationError(Reason("required"), "chat_id")


class ChangesQuery(RequestSchema):
    """The starting point: a cursor, which misses nothing, or a time for clients without one."""

    since = Timestamp()
    cursor = Text(min_length=1, max_length=MAX_CURSOR)
    chat_id = OptionalId()
    limit = Limit(MAX_CATCH_UP, MAX_LIMIT)

    @validates_schema
    def one_form(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Require either a cursor or a time."""
        if ("since" in data) == ("cursor" in data):
            raise ValidationError(Reason("since_or_cursor"), "since")


class Location(RequestSchema):
    """A geographic location."""

    latitude = Number(-90, 90, required=True)
    longitude = Number(-180, 180, required=True)
    address = Text(max_length=500)


TARGETS = ("chat_id", "listing_id", "storefront_product_id", "receiver_id")
_AN_ID = {"type": "integer", "minimum": 1}
_ABSENT = {"type": "null"}
_NONE = {"enum": [0, None]}


class SendMessage(RequestSchema):
    """Send a message. Without `chat_id`, the chat about the item or the direct chat is found or created."""

    example: ClassVar[Mapping[str, Any]] = {
        "receiver_id": 2,
        "listing_id": 1001,
        "content": "Is it still available?",
        "client_message_id": "7d1c4f0e-1",
    }
    # Enforced by `actions.chats.Target` and `actions.content`.
    together: ClassVar[Mapping[str, Any]] = {
        "allOf": [
            {"anyOf": [{"required": [name], "properties": {name: _AN_ID}} for name in TARGETS]},
            {
                "not": {
                    "required": ["listing_id", "storefront_product_id"],
                    "properties": {"listing_id": _AN_ID, "storefront_product_id": _AN_ID},
                }
            },
            {
                "anyOf": [
                    {
                        "required": ["content"],
                        "properties": {
                            "content": {"pattern": sanitizing.VISIBLE},
                            "message_type": {"const": "text"},
                            "location_data": _ABSENT,
                            "forward_message_id": _NONE,
                        },
                    },
                    {
                        "required": ["message_type", "location_data"],
                        "properties": {
                            "message_type": {"const": "location"},
                            "location_data": {"type": "object"},
                            "forward_message_id": _NONE,
                        },
                    },
                    {
                        "required": ["forward_message_id"],
                        "properties": {
                            "forward_message_id": _AN_ID,
                            "content": {"const": ""},
                            "message_type": {"const": "text"},
                            "location_data": _ABSENT,
                            "attachment_ids": {"maxItems": 0},
                            "reply_to_id": _NONE,
                            "mentions": {"maxItems": 0},
                            "original_language": _ABSENT,
                        },
                    },
                    {
                        "required": ["attachment_ids"],
                        "properties": {
                            "message_type": {"enum": [kind for kind in MESSAGE_TYPES if kind != "location"]},
                            "location_data": _ABSENT,
                            "attachment_ids": {"minItems": 1},
                            "forward_message_id": _NONE,
                        },
                    },
                ]
            },
        ]
    }

    chat_id = OptionalId()
    receiver_id = OptionalId()
    listing_id = OptionalId()
    storefront_product_id = OptionalId()
    content = Text(
        load_default="",
        metadata={"description": "Plain text. May be empty if there are attachments.", **CONTENT_BOUND},
    )
    message_type = Text(
        load_default="text",
        max_length=20,
        metadata={"enum": list(MESSAGE_TYPES), "description": "Type of the message."},
    )
    location_data = fields.Nested(Location, allow_none=True, load_default=None)
    attachment_ids = Items(
        Id(),
        MAX_FILES,
        code="too_many_files",
        load_default=(),
        metadata={
            "description": f"Files that I uploaded and have not sent yet, at most {MAX_FILES}.",
            "uniqueItems": True,
        },
    )
    reply_to_id = OptionalId(metadata={"description": "The message that it answers, of the same chat."})
    mentions = Items(
        Id(),
        MAX_MENTIONS,
        load_default=(),
        metadata={"description": f"Mentioned members, by their ids; at most {MAX_MENTIONS}."},
    )
    original_language = LanguageTag()
    forward_message_id = OptionalId(
        metadata={"description": "Send a copy of this message, with its files. Then nothing else may be given."}
    )
    client_message_id = Text(
        max_length=MAX_KEY_LENGTH,
        min_length=1,
        allow_none=True,
        load_default=None,
        metadata={"description": "Idempotency key: repeating it returns the first message instead of sending another."},
    )


class ForwardMessage(RequestSchema):
    """The chats that get a copy."""

    example: ClassVar[Mapping[str, Any]] = {"chat_ids": [7]}

    chat_ids = Items(
        Id(), MAX_TARGETS, 1, required=True, metadata={"description": f"Chats of mine, at most {MAX_TARGETS}."}
    )


class EditMessage(RequestSchema):
    """A new text for a message."""

    content = Text(required=True, metadata=CONTENT_BOUND)
    version = Integer(
        1,
        MAX_ID,
        load_default=None,
        allow_none=True,
        metadata={"description": "The version you last saw. The edit is refused if the message has changed since."},
    )


class MarkRead(RequestSchema):
    """Messages to mark as read, along with everything before the newest of them."""

    chat_id = Id(required=True)
    message_ids = Items(Id(), MAX_READ_IDS, 1, required=True)
