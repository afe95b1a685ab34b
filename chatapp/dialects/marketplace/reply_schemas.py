"""Schemas of the responses of the marketplace's REST routes."""

from __future__ import annotations

from marshmallow import fields

from chatapp.actions.content import MESSAGE_TYPES
from chatapp.dialects.marketplace.file_schemas import Attachment
from chatapp.dialects.marketplace.request_schemas import Location
from chatapp.edge.catchup import HAS_MORE, HIDDEN
from chatapp.edge.http.fields import (
    Boolean,
    Id,
    Integer,
    Number,
    ReplySchema,
    Text,
    Timestamp,
)


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
    receiver_id = Id(allow_none=True, metadata={"description": "Null in a chat of more than two, like `receiver`."})
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
    receiver = fields.Nested(Person, allow_none=True)


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


class VersionRange(ReplySchema):
    """Consecutive versions of a chat, both bounds included."""

    from_version = Integer(1, required=True)
    version = Integer(1, required=True)


class MessagePage(ReplySchema):
    """A page of messages, newest first."""

    messages = fields.List(fields.Nested(Message))
    total = Integer(0)
    page = Integer(1)
    limit = Integer(1)
    has_more = Boolean(metadata={"description": f"{HAS_MORE} A numbered page always holds `limit` messages."})
    cursor = Text(metadata={"description": "Taken before the page was read, so it misses nothing that follows."})
    hidden = fields.List(fields.Nested(VersionRange), metadata={"description": HIDDEN})


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
