"""Words for the tests of moderation: `reported(bob, message)`, `decided(report, "warn")`."""

from __future__ import annotations

import pytest

from chatapp.actions import sending
from chatapp.actions.moderation import decisions, reporting
from chatapp.actions.moderation.decisions import Decision
from chatapp.auth.actor import Actor
from chatapp.errors import ChatError
from chatapp.events.encoding import from_json
from chatapp.events.snapshots import MessageSnapshot
from chatapp.events.types import Event
from chatapp.infra.postgres import database_connection
from chatapp.models import Report
from chatapp.queries import moderation as moderation_queries
from chatapp.queries.moderation import ReportSummary
from tests.database import Database


def refusal(error: type[ChatError], code: str) -> pytest.RaisesExc[ChatError]:
    """Expects that an action raises an error with this code."""
    return pytest.raises(error, match=f"^{code}$")


def said(actor: Actor, chat_id: int, content: str = "hello") -> MessageSnapshot:
    """A message that was sent."""
    return sending.send_message(actor, chat_id, content)


def reported(actor: Actor, message: MessageSnapshot, reason: str = "spam", text: str = "") -> ReportSummary:
    """A report."""
    return reporting.report_message(actor, message.id, reason, text)


def decided(report: ReportSummary, action: str, **fields: object) -> ReportSummary:
    """The report after a decision."""
    return decisions.decide(report.id, Decision(action, **fields))  # type: ignore[arg-type]


def stored(report: ReportSummary) -> Report:
    """The row of a report."""
    with database_connection():
        found = moderation_queries.report(report.id)
    assert found is not None
    return found


def open_reports() -> list[ReportSummary]:
    """The queue."""
    with database_connection():
        return moderation_queries.reports(is_open=True, limit=100)[0]


def published(core: Database, kind: type[Event]) -> list[Event]:
    """The stored events of one type, in their order."""
    rows = core.rows("SELECT events FROM outbox ORDER BY id")
    return [event for (text,) in rows for event in from_json(text) if isinstance(event, kind)]
