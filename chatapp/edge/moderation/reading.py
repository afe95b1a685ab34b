"""Reports as responses, for service routes and for the page of moderators."""

from __future__ import annotations

from typing import Any

from chatapp.edge.moderation import replies
from chatapp.errors import NotFound
from chatapp.infra.postgres import database_connection
from chatapp.queries import moderation as moderation_queries


def report_page(args: dict[str, Any]) -> dict[str, Any]:
    """A page of reports, the oldest first.

    Parameters:
        args: as `schemas.ReportsQuery` loads them.
    """
    with database_connection():
        found, has_more = moderation_queries.reports(
            is_open=args["state"] == "open", limit=args["limit"], after=args["cursor"]
        )
    return replies.page("reports", [replies.report(report) for report in found], has_more)


def report_detail(report_id: int) -> dict[str, Any]:
    """A report with its evidence.

    Raises:
        NotFound: `report_not_found`.
    """
    with database_connection():
        stored = moderation_queries.report(report_id)
        if stored is None:
            raise NotFound("report_not_found")
        return replies.report_detail(moderation_queries.summary(report_id), stored)
