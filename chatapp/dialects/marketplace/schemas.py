"""Request and response schemas of the marketplace's REST routes. They validate, and OpenAPI is printed from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validates_schema

from chatapp.actions.content import MAX_FILES, MESSAGE_TYPES
from chatapp.dialects.marketplace.file_schemas import Attachment
from chatapp.edge.catchup import HAS_MORE, MAX_CATCH_UP, MAX_CURSOR
from chatapp.edge.http.fields import (
    CONTENT_BOUND,
    Boolean,
    Id,
    Integer,
    Items,
    Limit,
    Number,
    OptionalId,
    ReplySchema,
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
    q = Text(
        max_length=100, load_default="", metadata={"description": "Part of the other user's name or the item's title."}
    )


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


class SendMessage(RequestSchema):
    """Send a message. Without `chat_id`, the chat about the item or the direct chat is found or created."""

    # Checked by `actions.chats.Target` and `actions.content`.
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
                        },
                    },
                    {
                        "required": ["message_type", "location_data"],
                        "properties": {"message_type": {"const": "location"}, "location_data": {"type": "object"}},
                    },
                    {
                        "required": ["attachment_ids"],
                        "properties": {
                            "message_type": {"enum": [kind for kind in MESSAGE_TYPES if kind != "location"]},
                            "location_data": _ABSENT,
                            "attachment_ids": {"minItems": 1},
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
    client_message_id = Text(
        max_length=MAX_KEY_LENGTH,
        min_length=1,
        allow_none=True,
        load_default=None,
        metadata={"description": "Idempotency key: repeating it returns the first message instead of sending another."},
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


class MuteChat(RequestSchema):
    """When the mute ends; never if omitted."""

    until = Timestamp(allow_none=True, load_default=None)


class Person(ReplySchema):
    """A user as seen by chat partners."""

    id = Id()
    name = Text()
    email = Text(metadata={"description": "Empty for other users, unless the server is configured to show it."})
    picture_url = Text()


class OtherPerson(Person):
    """The other user of a chat."""

    is_online = Boolean()
    last_seen = Timestamp(allow_none=True)


class Message(ReplySchema):
    """A message. `seq` numbers the messages of a chat and `version` its changes; neither has gaps."""

    id = Id()
    chat_id = Id()
    seq = Integer(1)
    version = Integer(1)
    sender_id = Id()
    receiver_id = Id()
    message_type = Text(metadata={"enum": list(MESSAGE_TYPES)})
    content = Text()
    location_data = fields.Nested(Location, allow_none=True)
    client_message_id = Text(allow_none=True)
    is_read = Boolean()
    is_edited = Boolean()
    is_deleted = Boolean()
    has_attachments = Boolean()
    attachments_count = Integer(0)
    attachments = fields.List(fields.Nested(Attachment))
    reactions = fields.List(fields.Dict())
    reply_to = fields.Dict(allow_none=True)
    created_at = Timestamp()
    updated_at = Timestamp()
    sender = fields.Nested(Person)
    receiver = fields.Nested(Person)


class LastMessage(ReplySchema):
    """The newest message of a chat, its text truncated to 500 characters."""

    id = Id()
    content = Text()
    created_at = Timestamp()


class Item(ReplySchema):
    """The item a chat is about. A deleted item keeps its title."""

    title = Text()
    image_url = Text()
    price = Number(allow_none=True)
    currency = Text()
    is_deleted = Boolean()


class Chat(ReplySchema):
    """A chat in my list."""

    id = Id()
    listing_id = Integer(0, metadata={"description": "0 if the chat is not about a listing."})
    storefront_product_id = Integer(0, metadata={"description": "0 if the chat is not about a product."})
    buyer_id = Id()
    seller_id = Id()
    last_message_at = Timestamp()
    created_at = Timestamp()
    updated_at = Timestamp()
    is_archived = Boolean()
    is_muted = Boolean()
    is_pinned = Boolean()
    unread_count = Integer(0)
    seq = Integer(0)
    version = Integer(0)
    buyer = fields.Nested(Person)
    seller = fields.Nested(Person)
    other_user = fields.Nested(OtherPerson)
    last_message = fields.Nested(LastMessage, allow_none=True)
    item = fields.Nested(Item, allow_none=True)


class MessagePage(ReplySchema):
    """A page of messages, newest first."""

    messages = fields.List(fields.Nested(Message))
    total = Integer(0)
    page = Integer(1)
    limit = Integer(1)
    has_more = Boolean(metadata={"description": f"{HAS_MORE} A numbered page always holds `limit` messages."})
    cursor = Text(metadata={"description": "Taken before the page was read, so it misses nothing that follows."})


class Changes(ReplySchema):
    """What changed: messages oldest first, other changes, and the chats they belong to."""

    messages = fields.List(fields.Nested(Message))
    changes = fields.List(
        fields.Dict(), metadata={"description": "Other changes, each as the socket frame that announces it."}
    )
    chats = fields.List(fields.Nested(Chat))
    cursor = Text(metadata={"description": "Marks this page as seen. Repeat the request with it while `has_more`."})
    has_more = Boolean(metadata={"description": HAS_MORE})
    full_sync = Boolean(metadata={"description": "The cursor predates a database restore: reload everything."})


class MessageRevision(ReplySchema):
    """A text that a message had before an edit."""

    content = Text()
    replaced_at = Timestamp()


class Confirmation(ReplySchema):
    """What was done, as a message key."""

    message = Text()


class UnreadCount(ReplySchema):
    """Number of unread messages in all my chats."""

    count = Integer(0)


class Ticket(ReplySchema):
    """A single-use socket ticket."""

    ticket = Text()
    expires_in = Integer(1, metadata={"description": "Seconds."})


class Token(ReplySchema):
    """A token that opens sockets."""

    token = Text()
    expires_in = Integer(1, metadata={"description": "Seconds."})
