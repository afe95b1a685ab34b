"""REST routes of the marketplace for reporting messages, and for the warnings of the moderators."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g

from chatapp.actions.moderation import reporting, warnings
from chatapp.dialects.marketplace import moderation_schemas as schemas
from chatapp.edge.http import authentication
from chatapp.edge.http.validation import gives, takes
from chatapp.edge.rate_limits.request_limits import limit
from chatapp.infra.postgres import database_connection
from chatapp.models import ModeratorWarning
from chatapp.queries import moderation as moderation_queries

bp = Blueprint("marketplace_moderation", __name__)
authentication.protect(bp)


@bp.post("/reports")
@limit("default")
@takes(schemas.ReportRequest)
@gives(schemas.Report)
def report(args: dict[str, Any]) -> dict[str, Any]:
    """Report a message to the moderators. While the report is open, reporting the message again returns it."""
    return reporting.report_message(g.actor, args["message_id"], args["reason"], args["text"])._asdict()


@bp.get("/warnings")
@limit("default")
@gives(schemas.Warning, many=True)
def list_warnings() -> list[ModeratorWarning]:
    """List the warnings of the moderators to me, newest first."""
    with database_connection():
        return moderation_queries.warnings(g.actor)


@bp.post("/warnings/<int:warning_id>/acknowledge")
@limit("default")
@gives(schemas.Warning)
def acknowledge_warning(warning_id: int) -> ModeratorWarning:
    """Note that I have seen a warning."""
    return warnings.acknowledge(g.actor, warning_id)
