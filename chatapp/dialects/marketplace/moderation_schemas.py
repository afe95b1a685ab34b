"""Schemas of the marketplace for reports and warnings."""

from __future__ import annotations

from chatapp.actions.moderation.reporting import MAX_TEXT, REASONS
from chatapp.edge.http.fields import Id, ReplySchema, RequestSchema, Text, Timestamp
from chatapp.edge.http.validators import OneOf


class ReportRequest(RequestSchema):
    """The message to report, and why."""

    message_id = Id(required=True)
    reason = Text(required=True, validate=OneOf(REASONS), metadata={"enum": list(REASONS)})
    text = Text(MAX_TEXT, load_default="", metadata={"description": "More about it, in my own words."})


class Report(ReplySchema):
    """A report of mine."""

    id = Id()
    message_id = Id()
    reason = Text()
    text = Text()
    created_at = Timestamp()


class Warning(ReplySchema):
    """A warning of the moderators to me."""

    id = Id()
    message_id = Id(allow_none=True, metadata={"description": "The message that it is about."})
    reason = Text()
    created_at = Timestamp()
    acknowledged_at = Timestamp(allow_none=True)


class WarningEvent(ReplySchema):
    """The moderators warn me; or, with `acknowledged_at`, I have acknowledged a warning on one of my devices."""

    id = Id(required=True)
    message_id = Id(allow_none=True, required=True)
    reason = Text(required=True)
    created_at = Timestamp(required=True)
    acknowledged_at = Timestamp(allow_none=True, required=True)
