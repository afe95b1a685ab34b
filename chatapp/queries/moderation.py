"""What moderators read: reports, bans, filters and the log; and the warnings of a user."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from chatapp.auth.actor import Actor
from chatapp.infra.postgres import db
from chatapp.models import Ban, ModerationLogEntry, ModeratorWarning, Report
from chatapp.queries.rows import named, select_list
from chatapp.text.content_rules import Rule

MAX_WARNINGS = 100  # the newest of a user; moderators ban before


class ReportSummary(NamedTuple):
    """A report in the queue: without its evidence, which may have a megabyte."""

    id: int
    uuid: str
    source: str
    state: str
    reporter_id: int | None
    author_id: int
    chat_id: int | None
    message_id: int | None
    reason: str
    text: str
    action: str | None
    decided_by: str | None
    decided_at: dt.datetime | None
    created_at: dt.datetime


_COLUMNS = {name: f"r.{name}" for name in ReportSummary._fields} | {"uuid": "r.uuid::text"}
_SUMMARY = f"SELECT {select_list(ReportSummary, _COLUMNS)} FROM reports r"


def reports(*, is_open: bool, limit: int, after: int = 0) -> tuple[list[ReportSummary], bool]:
    """A page of the queue, the oldest first, and whether there are more.

    Parameters:
        is_open: reports without a decision, or those with one.
        after: id of a report; only those after it.
    """
    states = ["open", "releasing"] if is_open else ["decided"]
    rows = db.execute_sql(
        f"{_SUMMARY} WHERE r.state = ANY(%s) AND r.id > %s ORDER BY r.id LIMIT %s", (states, after, limit + 1)
    ).fetchall()
    return named(ReportSummary, rows[:limit]), len(rows) > limit


def report(report_id: int) -> Report | None:
    """A report with its evidence; None if there is none."""
    return Report.get_or_none(Report.id == report_id)


def summary(report_id: int) -> ReportSummary:
    """A report that exists, without its evidence."""
    row: Any = db.execute_sql(f"{_SUMMARY} WHERE r.id = %s", (report_id,)).fetchone()
    return ReportSummary._make(row)


def log(*, limit: int, before: int | None = None, user_id: int | None = None) -> tuple[list[ModerationLogEntry], bool]:
    """A page of the log, the newest entry first, and whether there are more.

    Parameters:
        before: id of an entry; only those before it.
        user_id: only what concerns this user.
    """
    query = ModerationLogEntry.select()
    if before is not None:
        query = query.where(ModerationLogEntry.id < before)
    if user_id is not None:
        query = query.where(ModerationLogEntry.user_id == user_id)
    found = list(query.order_by(ModerationLogEntry.id.desc()).limit(limit + 1))
    return found[:limit], len(found) > limit


def ban_of(user_id: int) -> Ban | None:
    """The current ban of a user; None without one."""
    return Ban.get_or_none(Ban.user_id == user_id)


def rules() -> list[Rule]:
    """The rules of the filters, in their order."""
    row = db.execute_sql("SELECT rules FROM moderation_filters").fetchone()
    return [] if row is None else [Rule(**rule) for rule in row[0]]


def warnings(actor: Actor) -> list[ModeratorWarning]:
    """The warnings of a user, the newest first."""
    own = ModeratorWarning.select().where(ModeratorWarning.user_id == actor.id)
    return list(own.order_by(ModeratorWarning.id.desc()).limit(MAX_WARNINGS))
