"""Schemas for reactions, pinned, starred and hidden messages, over REST and as frames."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import fields

from chatapp.actions.reactions import MAX_KINDS
from chatapp.dialects.marketplace.reply_schemas import Message, Person, Reaction
from chatapp.dialects.marketplace.request_schemas import MAX_LIMIT
from chatapp.edge.catchup import HAS_MORE
from chatapp.edge.http.fields import Boolean, Id, Integer, Limit, ReplySchema, RequestSchema, Text, Timestamp
from chatapp.edge.mark_fields import EMOJI, MAX_EMOJI, MAX_MARK_CURSOR, WITHOUT_BODY

_THUMB: Mapping[str, Any] = {"emoji": "👍"}


class React(RequestSchema):
    """One emoji. All spellings of an emoji, with and without a variation selector, count as one."""

    example: ClassVar[Mapping[str, Any]] = _THUMB

    emoji = Text(MAX_EMOJI, 1, required=True, metadata={"description": EMOJI})


class Unreact(RequestSchema):
    """The emoji of the reaction."""

    example: ClassVar[Mapping[str, Any]] = _THUMB

    emoji = Text(MAX_EMOJI, 1, metadata={"description": EMOJI})


class UnreactQuery(RequestSchema):
    """The emoji of the reaction, for clients that cannot send a body with DELETE."""

    emoji = Text(MAX_EMOJI, 1, metadata={"description": WITHOUT_BODY})


class StarredQuery(RequestSchema):
    """Which page of my starred messages."""

    cursor = Text(MAX_MARK_CURSOR, load_default="", metadata={"description": "`next_cursor` of the previous page."})
    limit = Limit(MAX_LIMIT)


class AddReaction(React):
    """React to a message."""

    message_id = Id(required=True)


class RemoveReaction(React):
    """Take a reaction back."""

    message_id = Id(required=True)


class Reactions(ReplySchema):
    """The current reactions to a message."""

    message_id = Id()
    chat_id = Id()
    reactions = fields.List(fields.Nested(Reaction), metadata={"description": f"At most {MAX_KINDS} kinds."})
    version = Integer(1, metadata={"description": "Of the message."})


class Pin(ReplySchema):
    """A pinned message."""

    message = fields.Nested(Message)
    pinned_by = fields.Nested(Person)
    pinned_at = Timestamp()
    version = Integer(1, metadata={"description": "Of the chat when the message was pinned."})


class StarredPage(ReplySchema):
    """My starred messages, the newest message first."""

    messages = fields.List(fields.Nested(Message))
    has_more = Boolean(metadata={"description": HAS_MORE})
    next_cursor = Text(allow_none=True, metadata={"description": "Null on the last page."})


class ReactionAddedEvent(ReplySchema):
    """Someone reacted to a message. `reactions` are all that it has now: replace yours."""

    chat_id = Id(required=True)
    message_id = Id(required=True)
    user_id = Id(required=True)
    emoji = Text(required=True)
    reactions = fields.List(fields.Nested(Reaction), required=True)
    version = Integer(1, required=True)


class ReactionRemovedEvent(ReactionAddedEvent):
    """Someone took a reaction back. `reactions` are all that the message has now: replace yours."""


class ReactionChange(ReplySchema):
    """A reaction that was added or taken back."""

    user_id = Id(required=True)
    emoji = Text(required=True)
    is_added = Boolean(required=True)


class MessageReactions(ReplySchema):
    """All reactions that a message has now, and what changed."""

    message_id = Id(required=True)
    reactions = fields.List(fields.Nested(Reaction), required=True)
    changes = fields.List(fields.Nested(ReactionChange), required=True)
    version = Integer(1, required=True, metadata={"description": "Of the message."})


class ReactionsUpdatedEvent(ReplySchema):
    """Reactions in a chat of more than two, gathered for at most a second: they stand for all versions between both."""

    chat_id = Id(required=True)
    messages = fields.List(fields.Nested(MessageReactions), required=True)
    from_version = Integer(1, required=True)
    version = Integer(1, required=True)


class MessagePinnedEvent(ReplySchema):
    """A message was pinned in its chat."""

    chat_id = Id(required=True)
    message_id = Id(required=True)
    pinned_by = Id(required=True)
    pinned_at = Timestamp(required=True)
    version = Integer(1, required=True)


class MessageUnpinnedEvent(ReplySchema):
    """A message was unpinned."""

    chat_id = Id(required=True)
    message_id = Id(required=True)
    unpinned_by = Id(required=True)
    version = Integer(1, required=True)


class MessageStarredEvent(ReplySchema):
    """I starred a message on one of my devices."""

    chat_id = Id(required=True)
    message_id = Id(required=True)
    changed_at = Timestamp(
        required=True, metadata={"description": "Ignore a frame older than the last of its message."}
    )


class MessageUnstarredEvent(MessageStarredEvent):
    """I took the star of a message away on one of my devices."""


class MessageHiddenEvent(ReplySchema):
    """I deleted a message for myself on one of my devices. Forget it, and what else arrives about it."""

    chat_id = Id(required=True)
    message_id = Id(required=True)
    seq = Integer(1, required=True, metadata={"description": "Of the message, which does not count as unread."})
