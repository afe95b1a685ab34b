"""Routes of the page of moderators, `/api/v2/admin`: as the service routes, for people who have the role."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g

from chatapp.actions.moderation import as_moderator, roles
from chatapp.dialects.browser import admin_schemas
from chatapp.edge import statistics
from chatapp.edge.http import authentication
from chatapp.edge.http.validation import gives, refuses, takes
from chatapp.edge.moderation import reading, replies, schemas
from chatapp.edge.rate_limits.request_limits import limit
from chatapp.errors import Conflict, Forbidden
from chatapp.infra.postgres import database_connection
from chatapp.queries import moderation as moderation_queries
from chatapp.queries import people_search
from chatapp.queries.people_search import FoundPerson
from chatapp.realtime import worker_stats

bp = Blueprint("browser_admin", __name__)
authentication.protect(bp)


@bp.before_request
def require_role() -> None:
    """Refuse people who are no moderators."""
    roles.check_moderator(g.actor)


@bp.get("/reports")
@limit("default")
@refuses(Forbidden)
@takes(schemas.ReportsQuery, "query")
@gives(schemas.ReportPage)
def list_reports(args: dict[str, Any]) -> dict[str, Any]:
    """List reports, the oldest first: those without a decision, or those with one."""
    return reading.report_page(args)


@bp.get("/reports/<int:report_id>")
@limit("default")
@refuses(Forbidden)
@gives(schemas.ReportDetail)
def show_report(report_id: int) -> dict[str, Any]:
    """Get a report with its evidence: the message and its surroundings as they were when it was reported."""
    return reading.report_detail(report_id)


@bp.post("/reports/<int:report_id>")
@limit("default")
@refuses(Conflict, Forbidden)
@takes(schemas.Decision)
@gives(schemas.Report)
def decide(args: dict[str, Any], report_id: int) -> dict[str, Any]:
    """Decide about a report, and all other open ones of the message. Moderators cannot be banned."""
    return replies.report(as_moderator.decide(g.actor, report_id, **args))


@bp.get("/people")
@limit("search")
@refuses(Forbidden)
@takes(admin_schemas.PeopleQuery, "query")
@gives(admin_schemas.PeoplePage)
def find_people(args: dict[str, Any]) -> dict[str, Any]:
    """Find people by id, email address or the beginning of their name; or list who is banned."""
    with database_connection():
        found, has_more = people_search.search(args["q"], limit=args["limit"])
    return {"people": [_person(person) for person in found], "has_more": has_more}


@bp.post("/people/<int:user_id>/ban")
@limit("default")
@refuses(Conflict, Forbidden)
@takes(schemas.BanRequest, optional=True)
@gives(schemas.BanReply)
def ban_user(args: dict[str, Any], user_id: int) -> dict[str, Any]:
    """Ban a user: end their sessions and refuse new ones; or shadow-ban them. It replaces an earlier ban."""
    return replies.ban(as_moderator.ban(g.actor, user_id, **args))


@bp.delete("/people/<int:user_id>/ban")
@limit("default")
@refuses(Forbidden)
@takes(schemas.UnbanQuery, "query")
@gives(None)
def unban_user(args: dict[str, Any], user_id: int) -> None:
    """End the ban of a user, of either kind. Without a ban, nothing changes."""
    as_moderator.unban(g.actor, user_id, **args)


@bp.get("/log")
@limit("default")
@refuses(Forbidden)
@takes(schemas.LogQuery, "query")
@gives(schemas.LogPage)
def list_log(args: dict[str, Any]) -> dict[str, Any]:
    """List what moderators did, the newest first."""
    with database_connection():
        found, has_more = moderation_queries.log(
            limit=args["limit"], before=args["cursor"] or None, user_id=args.get("user_id")
        )
    return replies.page("entries", [replies.log_entry(entry) for entry in found], has_more)


@bp.get("/stats")
@limit("default")
@refuses(Forbidden)
@takes(statistics.StatsQuery, "query")
@gives(admin_schemas.Statistics)
def stats(args: dict[str, Any]) -> dict[str, Any]:
    """Get counts of open sockets, and what happened in sessions of the assistant, by day and language."""
    return {"sockets": worker_stats.stats(), "assistant": statistics.assistant_stats(args)}


def _person(found: FoundPerson) -> dict[str, Any]:
    ban = None
    if found.banned_at is not None:
        ban = {
            "is_shadow": found.is_shadow,
            "reason": found.ban_reason,
            "until": found.ban_until,
            "created_at": found.banned_at,
        }
    return {**found._asdict(), "ban": ban}
