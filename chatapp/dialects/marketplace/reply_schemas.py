"""Schemas of the responses of the marketplace's REST routes."""

from __future__ import annotations

from marshmallow import fields

from chatapp.actions.content import MESSAGE_TYPES
from chatapp.actions.groups.rules import ROLES
from chatapp.actions.system_messages import SYSTEM_EVENTS
from chatapp.dialects.marketplace.file_schemas import Attachment
from chatapp.dialects.marketplace.request_schemas import Location
from chatapp.dialects.marketplace.settings_schemas import ListedDraft
from chatapp.edge.catchup import COMPLETE, HAS_MORE, HIDDEN
from chatapp.edge.http.fields import (
    Boolean,
    Id,
    Integer,
    Number,
    ReplySchema,
    Text,
    Timestamp,
)
from chatapp.models.chats import ASSISTANT, GROUP
from chatapp.models.messages import SYSTEM


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


class Reaction(ReplySchema):
    """The users who reacted to a message with one emoji."""

    emoji = Text(required=True)
    count = Integer(1, required=True, metadata={"description": "Number of users."})
    user_ids = fields.List(Id(), required=True, metadata={"description": "Of the first ten users."})
    mine = Boolean(
        required=True,
        allow_none=True,
        metadata={"description": "Whether I am one of the users; null in live frames, which all members receive."},
    )


class Quote(ReplySchema):
    """The message that another one answers.

    It changes with its message: an edit or a deletion of the latter applies to all quotes of it.
    """

    id = Id(required=True)
    sender_id = Id(required=True)
    content = Text(required=True, metadata={"description": "The first 500 characters."})
    message_type = Text(required=True, metadata={"enum": [*MESSAGE_TYPES, SYSTEM]})
    is_deleted = Boolean(required=True)


class Origin(ReplySchema):
    """The message that was forwarded; of a forward of a forward, the first one. I may not have access to it."""

    message_id = Id(required=True)
    sender_id = Id(required=True)
    sender_name = Text(required=True)
    created_at = Timestamp(required=True)


class LinkPreview(ReplySchema):
    """What the page says about itself that a message links to: plain text, to be escaped where it is shown."""

    url = Text(required=True, metadata={"description": "The first link of the text."})
    title = Text(required=True)
    description = Text(required=True)
    site_name = Text(required=True)
    image_url = Text(required=True, allow_none=True, metadata={"description": "A picture on the server of the page."})


class SystemUser(ReplySchema):
    """A user that a system message is about."""

    id = Id(required=True)
    name = Text(required=True)
    picture_url = Text(required=True)


class System(ReplySchema):
    """What happened to a group. The sender of the message did it. Fields that the event does not have are absent."""

    event = Text(required=True, metadata={"enum": list(SYSTEM_EVENTS)})
    users = fields.List(
        fields.Nested(SystemUser), metadata={"description": "The users it concerns, at most ten of them."}
    )
    count = Integer(1, metadata={"description": "How many users it concerns."})
    member_count = Integer(1, metadata={"description": "Members of the group afterwards."})
    title = Text()
    role = Text(metadata={"enum": list(ROLES)})


class Message(ReplySchema):
    """A message. `seq` numbers the messages of a chat and `version` its changes; neither has gaps."""

    id = Id()
    chat_id = Id()
    seq = Integer(1)
    version = Integer(1)
    sender_id = Id()
    receiver_id = Id(allow_none=True, metadata={"description": "Null in a chat of more than two, like `receiver`."})
    message_type = Text(metadata={"enum": [*MESSAGE_TYPES, SYSTEM]})
    content = Text()
    location_data = fields.Nested(Location, allow_none=True)
    client_message_id = Text(allow_none=True)
    is_read = Boolean()
    is_edited = Boolean()
    is_deleted = Boolean()
    has_attachments = Boolean()
    attachments_count = Integer(0)
    attachments = fields.List(fields.Nested(Attachment))
    reactions = fields.List(fields.Nested(Reaction))
    reply_to = fields.Nested(
        Quote, allow_none=True, metadata={"description": "Null also if I block the author of the quoted message."}
    )
    mentions = fields.List(Id(), metadata={"description": "Ids of mentioned members."})
    forwarded_from = fields.Nested(Origin, allow_none=True)
    link_preview = fields.Nested(
        LinkPreview, allow_none=True, metadata={"description": "Arrives after the message, where it is enabled."}
    )
    system = fields.Nested(
        System, allow_none=True, metadata={"description": "Of messages of type `system`, whose `content` is empty."}
    )
    original_language = Text(
        allow_none=True, metadata={"description": "Language of the text, such as `en` or `sr-Latn`; null if unknown."}
    )
    created_at = Timestamp()
    updated_at = Timestamp()
    edited_at = Timestamp(allow_none=True, metadata={"description": "Null if the text was never edited."})
    read_at = Timestamp(
        allow_none=True,
        metadata={"description": "When the receiver read it; null while unread, and in live frames."},
    )
    sender = fields.Nested(Person)
    receiver = fields.Nested(Person, allow_none=True)


class Receipt(ReplySchema):
    """How far a message has come with one member of its chat."""

    user = fields.Nested(Person)
    delivered_at = Timestamp(
        allow_none=True,
        metadata={"description": "The latest time at which the member had received it: when it was read."},
    )
    read_at = Timestamp(allow_none=True, metadata={"description": "Null if the member has not read it."})


class LastMessage(ReplySchema):
    """The newest message of a chat, its text truncated to 500 characters."""

    id = Id()
    content = Text()
    created_at = Timestamp()
    sender_id = Id(allow_none=True)
    is_deleted = Boolean()
    sender = fields.Nested(Person, allow_none=True, metadata={"description": "Only in groups."})
    system = fields.Nested(System, allow_none=True, metadata={"description": "Only in groups."})


class Item(ReplySchema):
    """The item a chat is about. A deleted item keeps its title."""

    title = Text()
    image_url = Text()
    price = Number(allow_none=True)
    currency = Text()
    is_deleted = Boolean()


class Chat(ReplySchema):
    """A chat in my list. A group has a title, a picture and a number of members in place of buyer and seller."""

    id = Id()
    kind = Text(metadata={"enum": ["direct", "listing", "storefront_product", GROUP, ASSISTANT]})
    title = Text()
    picture_url = Text(metadata={"description": "A WebP of at most 320 pixels a side; empty without a picture."})
    member_count = Integer(1)
    role = Text(metadata={"enum": list(ROLES), "description": "My role in the group."})
    listing_id = Integer(0, metadata={"description": "0 if the chat is not about a listing."})
    storefront_product_id = Integer(0, metadata={"description": "0 if the chat is not about a product."})
    buyer_id = Id()
    seller_id = Id()
    last_message_at = Timestamp()
    created_at = Timestamp()
    updated_at = Timestamp()
    is_archived = Boolean()
    is_muted = Boolean()
    muted_until = Timestamp(allow_none=True, metadata={"description": "Null if never, or not muted."})
    is_pinned = Boolean()
    snoozed_until = Timestamp(allow_none=True, metadata={"description": "Null if not snoozed."})
    is_marked_unread = Boolean()
    settings_version = Integer(
        0, metadata={"description": "Of my settings and draft: the larger one is the current one."}
    )
    draft = fields.Nested(ListedDraft, allow_none=True)
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


class CompleteChat(ReplySchema):
    """A chat of which nothing is missing up to a version."""

    chat_id = Id()
    version = Integer(0)


class Changes(ReplySchema):
    """What changed: messages oldest first, other changes, and the chats they belong to."""

    messages = fields.List(fields.Nested(Message))
    changes = fields.List(
        fields.Dict(), metadata={"description": "Other changes, each as the socket frame that announces it."}
    )
    chats = fields.List(fields.Nested(Chat))
    complete = fields.List(fields.Nested(CompleteChat), metadata={"description": COMPLETE})
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
