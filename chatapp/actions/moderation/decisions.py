"""Decisions of moderators about reports. One decision closes all open reports of the message."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from chatapp import clock
from chatapp.access import shadow_bans
from chatapp.actions.attachments import object_records
from chatapp.actions.attachments.attaching import lock_chat
from chatapp.actions.editing import remove_message
from chatapp.actions.moderation import bans, log, releasing, warnings
from chatapp.errors import ChatError, Conflict, NotFound
from chatapp.infra.postgres import database_connection, db
from chatapp.models import Report
from chatapp.queries import moderation as moderation_queries
from chatapp.queries.moderation import ReportSummary
from chatapp.transaction import unit_of_work

BANS = ("ban", "shadow_ban")
ACTIONS = ("dismiss", "remove_message", "warn", *BANS)


@dataclass(frozen=True, slots=True)
class Decision:
    """What moderators decide.

    Attributes:
        action: one of `ACTIONS`.
        reason: why; a warned user reads it.
        until: when a ban ends; None for never.
        moderator: who decides.
    """

    action: str
    reason: str = ""
    until: dt.datetime | None = None
    moderator: str = log.SERVICE


def decide(report_id: int, decision: Decision) -> ReportSummary:
    """Carry a decision out and close the report, and all others of the message.

    `dismiss` sends a message that a filter holds back; every other action discards it.

    Raises:
        NotFound: `report_not_found`.
        Conflict: `report_decided`: another moderator was first. `user_erased`.
        Invalid: the end of a ban is over.
        ChatError: a held message cannot be sent any more; its report stays open.
    """
    with database_connection():
        report = moderation_queries.report(report_id)
    if report is None:
        raise NotFound("report_not_found")
    if report.source == "held" and decision.action == "dismiss":
        _release(report, decision)
    else:
        _carry_out(report, decision)
    if decision.action in BANS:
        shadow_bans.refresh_or_log()
    with database_connection():
        return moderation_queries.summary(report_id)


def _carry_out(report: Report, decision: Decision) -> None:
    with unit_of_work() as work:
        # Chats before reports, as where messages are reported; users before reports, as where they are erased.
        chat = None if report.message_id is None or report.chat_id is None else lock_chat(report.chat_id)
        if decision.action in BANS:
            bans.lock_user(report.author_id)
        closed = _close(report, decision, "open")
        if decision.action == "remove_message" and chat is not None and report.message_id is not None:
            remove_message(work, chat, report.message_id)
        elif decision.action == "warn":
            warnings.warn(work, report.author_id, message_id=report.message_id, reason=decision.reason)
        elif decision.action in BANS:
            is_shadow = decision.action == "shadow_ban"
            bans.impose(work, report.author_id, reason=decision.reason, until=decision.until, is_shadow=is_shadow)
        _log(report, decision, closed)


def _release(report: Report, decision: Decision) -> None:
    """Send a held message as its sender. If the process ends meanwhile, deciding again continues."""
    with unit_of_work():
        _take(report.id, "releasing", ("open", "releasing"))
    try:
        releasing.release(report)
    except ChatError:
        with unit_of_work():
            _take(report.id, "open", ("releasing",))
        raise
    with unit_of_work():
        _log(report, decision, _close(report, decision, "releasing"))


def _take(report_id: int, state: str, states: tuple[str, ...]) -> None:
    """Change the state of a report from one of some others.

    Raises:
        Conflict: `report_decided`.
    """
    changed = db.execute_sql(
        "UPDATE reports SET state = %s WHERE id = %s AND state = ANY(%s)", (state, report_id, list(states))
    ).rowcount
    if not changed:
        raise Conflict("report_decided")


# In the order of ids: two decisions about one message must not deadlock.
_LOCK = """
SELECT id FROM reports WHERE state = %(state)s AND (id = %(report)s OR message_id = %(message)s)
ORDER BY id FOR UPDATE
"""
_CLOSE = """
UPDATE reports SET state = 'decided', action = %s, decided_by = %s, decided_at = %s WHERE id = ANY(%s)
"""


def _close(report: Report, decision: Decision, state: str) -> list[int]:
    """Close the report and the others of its message that are in a state; returns their ids."""
    values: dict[str, Any] = {"state": state, "report": report.id, "message": report.message_id}
    ids = [id for (id,) in db.execute_sql(_LOCK, values).fetchall()]
    if report.id not in ids:
        raise Conflict("report_decided")
    db.execute_sql(_CLOSE, (decision.action, decision.moderator, clock.now(), ids))
    _release_objects(ids)
    return ids


def _release_objects(report_ids: list[int]) -> None:
    """Give up the files that the reports keep; those that nothing else refers to are deleted."""
    rows = db.execute_sql("SELECT object_name FROM report_objects WHERE report_id = ANY(%s)", (report_ids,)).fetchall()
    names = [name for (name,) in rows]
    object_records.lock(names)
    db.execute_sql("DELETE FROM report_objects WHERE report_id = ANY(%s)", (report_ids,))
    object_records.schedule_deletion(names)


def _log(report: Report, decision: Decision, closed: list[int]) -> None:
    log.add(
        decision.action,
        moderator=decision.moderator,
        user_id=report.author_id,
        report_id=report.id,
        chat_id=report.chat_id,
        message_id=report.message_id,
        reason=decision.reason,
        until=None if decision.until is None else clock.rfc3339(decision.until),
        closed=[id for id in closed if id != report.id],
    )


def sweep(lifetime: float) -> int:
    """Delete reports that were decided more than `lifetime` seconds ago, as a job; returns how many."""
    with unit_of_work():
        return int(
            db.execute_sql(
                "DELETE FROM reports WHERE state = 'decided' AND decided_at < now() - make_interval(secs => %s)",
                (lifetime,),
            ).rowcount
        )
