"""The service routes for moderators: the queue of reports, decisions, bans, filters and the log."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from chatapp import errors
from chatapp.actions.moderation import bans, decisions, filters, roles
from chatapp.dialects.service import moderation_schemas as schemas
from chatapp.edge.http.authentication import protect_for_services
from chatapp.edge.http.validation import gives, refuses, takes
from chatapp.edge.moderation import reading, replies
from chatapp.edge.moderation import schemas as shared
from chatapp.errors import NotFound
from chatapp.ids.user_reference import parse_user_reference
from chatapp.infra.postgres import database_connection
from chatapp.models import User
from chatapp.queries import moderation as moderation_queries
from chatapp.queries import people

bp = Blueprint("service_moderation", __name__)
protect_for_services(bp)


@bp.get("/moderation/reports")
@takes(shared.ReportsQuery, "query")
@gives(shared.ReportPage)
def list_reports(args: dict[str, Any]) -> dict[str, Any]:
    """List reports, the oldest first: those without a decision, or those with one."""
    return reading.report_page(args)


@bp.get("/moderation/reports/<int:report_id>")
@gives(shared.ReportDetail)
def show_report(report_id: int) -> dict[str, Any]:
    """Get a report with its evidence: the message and its surroundings as they were when it was reported."""
    return reading.report_detail(report_id)


@bp.post("/moderation/reports/<int:report_id>")
@refuses(errors.Conflict, errors.Forbidden)
@takes(schemas.Decision)
@gives(shared.Report)
def decide(args: dict[str, Any], report_id: int) -> dict[str, Any]:
    """Decide about a report, and all other open ones of the message."""
    return replies.report(decisions.decide(report_id, decisions.Decision(**args)))


@bp.post("/users/<reference>/ban")
@takes(schemas.BanRequest, optional=True)
@gives(shared.BanReply)
def ban_user(args: dict[str, Any], reference: str) -> dict[str, Any]:
    """Ban a user: end their sessions and refuse new ones; or shadow-ban them. It replaces an earlier ban."""
    return replies.ban(bans.ban(_user_id(reference), **args))


@bp.delete("/users/<reference>/ban")
@takes(schemas.UnbanQuery, "query")
@gives(None)
def unban_user(args: dict[str, Any], reference: str) -> None:
    """End the ban of a user, of either kind. Without a ban, nothing changes."""
    bans.unban(_user_id(reference), **args)


@bp.put("/users/<reference>/moderator")
@refuses(errors.Conflict)
@takes(schemas.RoleQuery, "query")
@gives(schemas.RoleReply)
def add_moderator(args: dict[str, Any], reference: str) -> dict[str, Any]:
    """Make a user a moderator: they may use `/admin`. Repeating it changes nothing."""
    return _role(roles.set_moderator(_user_id(reference), True, **args))


@bp.delete("/users/<reference>/moderator")
@takes(schemas.RoleQuery, "query")
@gives(schemas.RoleReply)
def remove_moderator(args: dict[str, Any], reference: str) -> dict[str, Any]:
    """End the role of a moderator, from the next request on. Repeating it changes nothing."""
    return _role(roles.set_moderator(_user_id(reference), False, **args))


@bp.get("/moderation/filters")
@gives(schemas.Filters)
def list_filters() -> dict[str, Any]:
    """Get the rules for the texts of messages."""
    with database_connection():
        return {"rules": moderation_queries.rules()}


@bp.put("/moderation/filters")
@takes(schemas.FilterRules)
@gives(schemas.Filters)
def put_filters(args: dict[str, Any]) -> dict[str, Any]:
    """Replace the rules for the texts of messages. Messages that are already sent stay as they are."""
    return {"rules": filters.put_rules(args["rules"], moderator=args["moderator"])}


@bp.get("/moderation/log")
@takes(shared.LogQuery, "query")
@gives(shared.LogPage)
def list_log(args: dict[str, Any]) -> dict[str, Any]:
    """List what moderators did, the newest first."""
    with database_connection():
        found, has_more = moderation_queries.log(
            limit=args["limit"], before=args["cursor"] or None, user_id=args.get("user_id")
        )
    return replies.page("entries", [replies.log_entry(entry) for entry in found], has_more)


def _role(user: User) -> dict[str, Any]:
    return {"user_id": user.id, "is_moderator": user.is_moderator}


def _user_id(text: str) -> int:
    reference = parse_user_reference(text)
    user = None if reference is None else people.person_of_reference(reference)
    if user is None:
        raise NotFound("user_not_found")
    return int(user.id)
