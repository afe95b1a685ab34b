"""Schemas of the social dialect for reports and warnings."""

from __future__ import annotations

from marshmallow import fields

from chatapp.actions.moderation.reporting import MAX_TEXT, REASONS
from chatapp.edge.http.fields import ReplySchema, RequestSchema, Text, Timestamp, Uuid
from chatapp.edge.http.validators import OneOf


class ReportRequest(RequestSchema):
    """The message to report, and why."""

    messageId = Uuid(required=True)
    reason = Text(required=True, validate=OneOf(REASONS), metadata={"enum": list(REASONS)})
    text = Text(MAX_TEXT, load_default="", metadata={"description": "More about it, in my own words."})


class Report(ReplySchema):
    """A report of mine."""

    id = Uuid()
    messageId = Uuid()
    reason = Text()
    text = Text()
    createdAt = Timestamp()


class Warning(ReplySchema):
    """A warning of the moderators to me."""

    id = Uuid(required=True)
    messageId = Uuid(metadata={"description": "The message that it is about; absent if there is none."})
    reason = Text(required=True)
    createdAt = Timestamp(required=True)
    acknowledgedAt = Timestamp(metadata={"description": "Absent until then."})


class Warnings(ReplySchema):
    """My warnings, newest first."""

    warnings = fields.List(fields.Nested(Warning))


class NotificationWarning(Warning):
    """The moderators warn me; or, with `acknowledgedAt`, I have acknowledged a warning on one of my devices."""
