"""Schemas of the requests to the social dialect's REST routes, named as on the wire. OpenAPI is printed from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import fields

from chatapp.actions.forwarding import MAX_TARGETS
from chatapp.actions.message_body import MAX_MENTIONS
from chatapp.dialects.social.file_schemas import AttachmentIds, MessageType
from chatapp.edge.catchup import MAX_CATCH_UP
from chatapp.edge.http.fields import (
    CONTENT_BOUND,
    Boolean,
    Integer,
    Items,
    LanguageTag,
    Limit,
    RequestSchema,
    Text,
    Uuid,
)
from chatapp.edge.http.middleware import MAX_KEY_LENGTH
from chatapp.edge.http.validators import OneOf
from chatapp.ids.snowflake import MAX_ID
from chatapp.text import sanitizing

MAX_LIMIT = 50
DEFAULT_CATCH_UP = 100
NEWER, OLDER = "after", "before"
CONTENT = "Plain text. May be empty if there are attachments, or a message to forward."
FORWARD = "Send a copy of this message, with its files. Then nothing else may be given."
MAX_USERNAME = 200  # characters of a mentioned username; the host may have longer ones than 32
# The rule over several fields of a message; `actions.content` enforces it.
SENT_TOGETHER: Mapping[str, Any] = {
    "anyOf": [
        {
            "properties": {
                "content": {"pattern": sanitizing.VISIBLE},
                "messageType": {"const": "text"},
                "forwardMessageId": {"type": "null"},
            }
        },
        {
            "required": ["attachmentIds"],
            "properties": {"attachmentIds": {"minItems": 1}, "forwardMessageId": {"type": "null"}},
        },
        {
            "required": ["forwardMessageId"],
            "properties": {
                "forwardMessageId": {"type": "string"},
                "content": {"const": ""},
                "messageType": {"const": "text"},
                "attachmentIds": {"maxItems": 0},
                "replyToId": {"type": "null"},
                "mentions": {"maxItems": 0},
                "originalLanguage": {"type": "null"},
            },
        },
    ]
}


class Cursor(fields.String):
    """Where a page ended. Any text is accepted here: `paging` decides what is a cursor. Empty means none."""

    def __init__(self, description: str = "`nextCursor` of the previous page.") -> None:
        super().__init__(load_default="", metadata={"description": description})


class TempId(Text):
    """The client's idempotency key for a message."""

    def __init__(self) -> None:
        description = "Idempotency key: repeating it returns the first message instead of sending another."
        super().__init__(MAX_KEY_LENGTH, 1, allow_none=True, load_default=None, metadata={"description": description})


class PageQuery(RequestSchema):
    """Which page to return."""

    cursor = Cursor()
    limit = Limit(MAX_LIMIT)


class ConversationsQuery(PageQuery):
    """Which of my conversations to list, and which page."""

    archived = Boolean(load_default=False)
    snoozed = Boolean(load_default=False, metadata={"description": "Those that I have snoozed and not archived."})


class MessagesQuery(PageQuery):
    """Which page of a conversation's messages: the newest, or from a cursor in either direction."""

    direction = Text(
        load_default=OLDER,
        validate=OneOf((OLDER, NEWER)),
        metadata={
            "enum": [OLDER, NEWER],
            "description": "Whether to return messages older (`before`) or newer (`after`) than the cursor.",
        },
    )


class ContextQuery(RequestSchema):
    """How many messages to return on each side."""

    before = Limit(MAX_LIMIT, minimum=0)
    after = Limit(MAX_LIMIT, minimum=0)


class ChangesQuery(RequestSchema):
    """What was already seen. Without a cursor, only the current cursor is returned."""

    cursor = Cursor("From the last response, or from `connected` or `resumed`.")
    limit = Limit(MAX_CATCH_UP, DEFAULT_CATCH_UP)


class Mentions(Items):
    """The members that a message mentions."""

    def __init__(self) -> None:
        description = f"Mentioned members, by their usernames; at most {MAX_MENTIONS}."
        super().__init__(Text(MAX_USERNAME), MAX_MENTIONS, load_default=(), metadata={"description": description})


class Referenced(Uuid):
    """A message that another one refers to; null for none."""

    def __init__(self, description: str) -> None:
        super().__init__(allow_none=True, load_default=None, metadata={"description": description})


class SendMessage(RequestSchema):
    """A message to send."""

    together = SENT_TOGETHER

    content = Text(required=True, metadata={"description": CONTENT, **CONTENT_BOUND})
    messageType = MessageType()
    attachmentIds = AttachmentIds()
    replyToId = Referenced("The message that it answers, of the same conversation.")
    mentions = Mentions()
    originalLanguage = LanguageTag()
    forwardMessageId = Referenced(FORWARD)
    tempId = TempId()


class ForwardMessage(RequestSchema):
    """The conversations that get a copy."""

    example: ClassVar[Mapping[str, Any]] = {"conversationIds": ["0a9b7fe8-2500-8ef2-8e89-c4b079a09df9"]}

    conversationIds = Items(Uuid(), MAX_TARGETS, 1, required=True, metadata={"description": f"At most {MAX_TARGETS}."})


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
    """The last message read; the newest if omitted."""

    messageId = Uuid(load_default=None, allow_none=True)


class BlockUser(RequestSchema):
    """The user to block."""

    username = Text(required=True)
