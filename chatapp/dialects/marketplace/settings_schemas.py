"""Schemas of the marketplace's routes and frames for each member's own settings of a chat, and for drafts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import fields

from chatapp.edge.http.fields import CONTENT_BOUND, Boolean, Id, Integer, ReplySchema, RequestSchema, Text, Timestamp
from chatapp.queries.chat_summaries import MAX_DRAFT_SHOWN


class MuteChat(RequestSchema):
    """When the mute ends; never if omitted."""

    example: ClassVar[Mapping[str, Any]] = {"until": "2026-03-01T12:00:00Z"}

    until = Timestamp(allow_none=True, load_default=None)


class SnoozeChat(RequestSchema):
    """When the chat returns to the list, unless a message comes before. In the future."""

    example: ClassVar[Mapping[str, Any]] = {"until": "2099-03-01T12:00:00Z"}

    until = Timestamp(required=True)


class SaveDraft(RequestSchema):
    """The text that I have begun to write; an empty one removes the draft."""

    content = Text(required=True, metadata=CONTENT_BOUND)


_SEQ = "The draft is void once I have sent a message with a larger `seq`."
_VERSION = "Incremented by each change of my settings or draft: of two copies, the larger one is the current one."


class Draft(ReplySchema):
    """My draft in a chat. Its `content` is empty if there is none."""

    content = Text(required=True)
    seq = Integer(0, required=True, metadata={"description": _SEQ})
    settings_version = Integer(0, required=True, metadata={"description": _VERSION})
    updated_at = Timestamp(required=True, allow_none=True)


class ListedDraft(ReplySchema):
    """The beginning of my draft in a chat."""

    content = Text(required=True, metadata={"description": f"At most {MAX_DRAFT_SHOWN} characters."})
    is_cut = Boolean(required=True, metadata={"description": "Whether the draft is longer: `GET /:chat_id/draft`."})
    updated_at = Timestamp(required=True)


class ChatSettings(ReplySchema):
    """My settings of a chat."""

    is_archived = Boolean(required=True)
    is_muted = Boolean(required=True)
    muted_until = Timestamp(required=True, allow_none=True, metadata={"description": "Null if never, or not muted."})
    is_pinned = Boolean(required=True)
    snoozed_until = Timestamp(required=True, allow_none=True, metadata={"description": "Null if not snoozed."})
    is_marked_unread = Boolean(required=True)


class ChatSettingsUpdated(ReplySchema):
    """My settings of a chat have changed, on this device or another."""

    chat_id = Id(required=True)
    settings = fields.Nested(ChatSettings, required=True)
    settings_version = Integer(1, required=True, metadata={"description": _VERSION})
    seq = Integer(
        0, required=True, metadata={"description": "A message with a larger `seq` ends the archive and the snooze."}
    )


class DraftUpdated(Draft):
    """My draft in a chat has changed, on this device or another."""

    chat_id = Id(required=True)
