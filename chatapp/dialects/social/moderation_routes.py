"""REST routes of the social dialect for reporting messages, and for the warnings of the moderators."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g

from chatapp.actions.moderation import reporting, warnings
from chatapp.dialects.social import moderation_replies as replies
from chatapp.dialects.social import moderation_schemas as schemas
from chatapp.edge.http import authentication
from chatapp.edge.http.validation import gives, takes
from chatapp.edge.rate_limits.request_limits import limit
from chatapp.ids.public import message_id_or_missing
from chatapp.infra.postgres import database_connection
from chatapp.queries import moderation as moderation_queries

bp = Blueprint("social_moderation", __name__)
authentication.protect(bp)


@bp.post("/reports")
@limit("default")
@takes(schemas.ReportRequest)
@gives(schemas.Report, 201)
def report(args: dict[str, Any]) -> dict[str, Any]:
    """Report a message to the moderators. While the report is open, reporting the message again returns it."""
    message_id = message_id_or_missing(args["messageId"])
    return replies.report(reporting.report_message(g.actor, message_id, args["reason"], args["text"]))


@bp.get("/warnings")
@limit("default")
@gives(schemas.Warnings)
def list_warnings() -> dict[str, Any]:
    """List the warnings of the moderators to me, newest first."""
    with database_connection():
        return {"warnings": [replies.warning(warning) for warning in moderation_queries.warnings(g.actor)]}


@bp.post("/warnings/<uuid:warning_id>/acknowledge")
@limit("default")
@gives(schemas.Warning)
def acknowledge_warning(warning_id: Any) -> dict[str, Any]:
    """Note that I have seen a warning."""
    return replies.warning(warnings.acknowledge(g.actor, str(warning_id)))
