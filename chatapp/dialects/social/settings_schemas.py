"""Schemas of the social routes and frames for each member's own settings of a conversation, and for drafts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from chatapp.edge.http.fields import CONTENT_BOUND, Boolean, Integer, ReplySchema, RequestSchema, Text, Timestamp, Uuid
from chatapp.queries.chat_summaries import MAX_DRAFT_SHOWN


class MuteConversation(RequestSchema):
    """When the mute ends; never if omitted."""

    example: ClassVar[Mapping[str, Any]] = {"until": "2026-03-01T12:00:00Z"}

    until = Timestamp(allow_none=True, load_default=None)


class SnoozeConversation(RequestSchema):
    """When the conversation returns to the list, unless a message comes before. In the future."""

    example: ClassVar[Mapping[str, Any]] = {"until": "2099-03-01T12:00:00Z"}

    until = Timestamp(required=True)


class SaveDraft(RequestSchema):
    """The text that I have begun to write; an empty one removes the draft."""

    content = Text(required=True, metadata=CONTENT_BOUND)


class Draft(ReplySchema):
    """My draft in a conversation. Its `content` is empty if there is none."""

    content = Text(required=True)
    seq = Integer(
        0,
        required=True,
        metadata={"description": "The draft is void once I have sent a message with a larger `seq`."},
    )
    settingsVersion = Integer(
        0,
        required=True,
        metadata={
            "description": "Incremented by each change of my settings or draft:"
            " of two copies, the larger one is the current one."
        },
    )
    updatedAt = Timestamp(metadata={"description": "Absent if there is no draft."})


class ListedDraft(ReplySchema):
    """The beginning of my draft in a conversation."""

    content = Text(required=True, metadata={"description": f"At most {MAX_DRAFT_SHOWN} characters."})
    isCut = Boolean(
        required=True, metadata={"description": "Whether the draft is longer: `GET /conversations/:id/draft`."}
    )
    updatedAt = Timestamp(required=True)


class DraftUpdated(Draft):
    """My draft in a conversation has changed, on this device or another."""

    conversationId = Uuid(required=True)
