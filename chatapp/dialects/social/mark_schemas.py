"""Schemas for reactions, pinned, starred and hidden messages, over REST and as payloads of frames."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import fields

from chatapp.actions.reactions import MAX_KINDS
from chatapp.dialects.social.reply_schemas import Message, Meta, Person, Reaction
from chatapp.edge.http.fields import Boolean, Integer, ReplySchema, RequestSchema, Text, Timestamp, Uuid
from chatapp.edge.mark_fields import EMOJI, MAX_EMOJI, WITHOUT_BODY

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


class MessageReact(React):
    """React to a message."""

    messageId = Uuid(required=True)


class MessageUnreact(React):
    """Take a reaction back."""

    messageId = Uuid(required=True)


class Reactions(ReplySchema):
    """The current reactions to a message."""

    messageId = Uuid(required=True)
    conversationId = Uuid(required=True)
    reactions = fields.List(
        fields.Nested(Reaction), required=True, metadata={"description": f"At most {MAX_KINDS} kinds."}
    )
    version = Integer(1, required=True, metadata={"description": "Of the message."})


class Pin(ReplySchema):
    """A pinned message."""

    message = fields.Nested(Message, required=True)
    pinnedBy = fields.Nested(Person, required=True)
    pinnedAt = Timestamp(required=True)
    version = Integer(1, required=True, metadata={"description": "Of the conversation when the message was pinned."})


class StarredPage(ReplySchema):
    """My starred messages, the newest message first."""

    messages = fields.List(fields.Nested(Message), required=True)
    meta = fields.Nested(Meta, required=True)


class ReactionAdded(ReplySchema):
    """Someone reacted to a message. `reactions` are all that it has now: replace yours."""

    conversationId = Uuid(required=True)
    messageId = Uuid(required=True)
    userId = Uuid(required=True)
    emoji = Text(required=True)
    reactions = fields.List(fields.Nested(Reaction), required=True)
    version = Integer(1, required=True)


class ReactionRemoved(ReactionAdded):
    """Someone took a reaction back. `reactions` are all that the message has now: replace yours."""


class ReactionChange(ReplySchema):
    """A reaction that was added or taken back."""

    userId = Uuid(required=True)
    emoji = Text(required=True)
    isAdded = Boolean(required=True)


class MessageReactions(ReplySchema):
    """All reactions that a message has now, and what changed."""

    messageId = Uuid(required=True)
    reactions = fields.List(fields.Nested(Reaction), required=True)
    changes = fields.List(fields.Nested(ReactionChange), required=True)
    version = Integer(1, required=True, metadata={"description": "Of the message."})


class ReactionsUpdated(ReplySchema):
    """Reactions in a conversation of more than two, gathered for at most a second.

    They stand for all versions between both.
    """

    conversationId = Uuid(required=True)
    messages = fields.List(fields.Nested(MessageReactions), required=True)
    fromVersion = Integer(1, required=True)
    version = Integer(1, required=True)


class MessagePinned(ReplySchema):
    """A message was pinned in its conversation."""

    conversationId = Uuid(required=True)
    messageId = Uuid(required=True)
    pinnedBy = Uuid(required=True)
    pinnedAt = Timestamp(required=True)
    version = Integer(1, required=True)


class MessageUnpinned(ReplySchema):
    """A message was unpinned."""

    conversationId = Uuid(required=True)
    messageId = Uuid(required=True)
    unpinnedBy = Uuid(required=True)
    version = Integer(1, required=True)


class MessageStarred(ReplySchema):
    """I starred a message on one of my devices."""

    conversationId = Uuid(required=True)
    messageId = Uuid(required=True)
    changedAt = Timestamp(required=True, metadata={"description": "Ignore older frames of the same message."})


class MessageUnstarred(MessageStarred):
    """I took the star of a message away on one of my devices."""


class MessageHidden(ReplySchema):
    """I deleted a message for myself on one of my devices. Forget it, and what else arrives about it."""

    conversationId = Uuid(required=True)
    messageId = Uuid(required=True)
    seq = Integer(1, required=True, metadata={"description": "Of the message, which does not count as unread."})
