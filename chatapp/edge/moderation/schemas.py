"""Request and response schemas of moderation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import fields

from chatapp.actions.moderation.decisions import ACTIONS
from chatapp.edge.http.fields import Boolean, Id, Integer, Limit, ReplySchema, RequestSchema, Text, Timestamp
from chatapp.edge.http.validators import OneOf
from chatapp.ids.snowflake import MAX_ID

MAX_PAGE = 100
MAX_REASON = 500
STATES = ("open", "decided")


class ReportsQuery(RequestSchema):
    """Which reports, and from where."""

    state = Text(load_default="open", validate=OneOf(STATES), metadata={"enum": list(STATES)})
    cursor = Integer(
        0, MAX_ID, load_default=0, metadata={"description": "`next_cursor` of the page before; 0 for the first page."}
    )
    limit = Limit(MAX_PAGE)


class LogQuery(RequestSchema):
    """Which entries of the log, and from where."""

    user_id = Id(metadata={"description": "Only what concerns this user."})
    cursor = Integer(
        0, MAX_ID, load_default=0, metadata={"description": "`next_cursor` of the page before; 0 for the first page."}
    )
    limit = Limit(MAX_PAGE)


class Decision(RequestSchema):
    """What to do about a reported message. The decision closes all open reports of the message.

    `dismiss` sends a message that a filter holds back; every other action discards it.
    """

    example: ClassVar[Mapping[str, Any]] = {"action": "warn", "reason": "No advertising, please."}

    action = Text(required=True, validate=OneOf(ACTIONS), metadata={"enum": list(ACTIONS)})
    reason = Text(MAX_REASON, load_default="", metadata={"description": "Why. A user who is warned reads it."})
    until = Timestamp(load_default=None, allow_none=True, metadata={"description": "End of a ban; none if absent."})


class BanRequest(RequestSchema):
    """A ban: until when, and why."""

    example: ClassVar[Mapping[str, Any]] = {"reason": "fraud", "until": "2090-01-01T00:00:00Z"}

    reason = Text(MAX_REASON, load_default="", metadata={"description": "Why, for the log."})
    until = Timestamp(load_default=None, allow_none=True, metadata={"description": "When it ends; never if absent."})
    is_shadow = Boolean(
        load_default=False,
        metadata={"description": "The user may go on, but no one else sees what they write from now on."},
    )


class UnbanQuery(RequestSchema):
    """Why a ban ends, for the log."""

    reason = Text(MAX_REASON, load_default="")


class Report(ReplySchema):
    """A message that moderators review."""

    id = Id()
    source = Text(
        metadata={
            "enum": ["user", "filter", "held"],
            "description": "A report of a user, a message that a filter reports, or one that a filter holds back.",
        }
    )
    state = Text(metadata={"enum": list(STATES)})
    reporter_id = Id(allow_none=True)
    author_id = Id()
    chat_id = Id(allow_none=True)
    message_id = Id(allow_none=True)
    reason = Text()
    text = Text(metadata={"description": "What the reporter writes, or what a filter found."})
    action = Text(allow_none=True)
    decided_by = Text(allow_none=True)
    decided_at = Timestamp(allow_none=True)
    created_at = Timestamp()


class ReportPage(ReplySchema):
    """Reports, the oldest first."""

    reports = fields.List(fields.Nested(Report))
    has_more = Boolean()
    next_cursor = Integer(allow_none=True)


class EvidenceSender(ReplySchema):
    """Who sent a message, under the name of that time."""

    id = Id()
    uuid = Text()
    username = Text()
    name = Text()


class EvidenceFile(ReplySchema):
    """A file of a message."""

    id = Id()
    file_type = Text()
    file_name = Text()
    file_size = Integer()
    content_type = Text()
    url = Text(metadata={"description": "Signed; empty when the report is decided and the file may be gone."})


class EvidenceMessage(ReplySchema):
    """A message as it was when it was reported."""

    id = Id()
    seq = Integer()
    sender = fields.Nested(EvidenceSender)
    message_type = Text()
    content = Text()
    location = fields.Dict(allow_none=True)
    forwarded_sender_id = Id(allow_none=True, metadata={"description": "Who first wrote a forwarded message."})
    is_edited = Boolean()
    is_deleted = Boolean()
    created_at = Timestamp()
    attachments = fields.List(fields.Nested(EvidenceFile))


class ReportDetail(Report):
    """A report with its evidence."""

    evidence = fields.List(
        fields.Nested(EvidenceMessage),
        metadata={"description": "The reported message and up to ten before and after it, as the reporter saw them."},
    )
    held_content = Text(allow_none=True, metadata={"description": "The text that a filter holds back."})


class BanReply(ReplySchema):
    """The ban of a user."""

    user_id = Id()
    is_shadow = Boolean()
    reason = Text()
    until = Timestamp(allow_none=True)
    created_at = Timestamp()


class LogEntry(ReplySchema):
    """What was done, by which moderator, to which user or message, when and why."""

    id = Id()
    moderator = Text()
    action = Text()
    user_id = Id(allow_none=True)
    report_id = Id(allow_none=True)
    chat_id = Id(allow_none=True)
    message_id = Id(allow_none=True)
    reason = Text()
    detail = fields.Dict()
    created_at = Timestamp()


class LogPage(ReplySchema):
    """Entries, the newest first."""

    entries = fields.List(fields.Nested(LogEntry))
    has_more = Boolean()
    next_cursor = Integer(allow_none=True)
