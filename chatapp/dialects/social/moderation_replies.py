"""Renders reports and warnings of the social dialect, which omits absent values."""

from __future__ import annotations

from typing import Any

from chatapp import clock
from chatapp.events.moderation import WarningChanged
from chatapp.ids.public import encode_message
from chatapp.models import ModeratorWarning
from chatapp.queries.moderation import ReportSummary


def report(found: ReportSummary) -> dict[str, Any]:
    """A report, for who made it."""
    assert found.message_id is not None, "users report messages"
    return {
        "id": found.uuid,
        "messageId": encode_message(found.message_id),
        "reason": found.reason,
        "text": found.text,
        "createdAt": clock.rfc3339(found.created_at),
    }


def warning(stored: ModeratorWarning | WarningChanged) -> dict[str, Any]:
    """A warning, as stored or as in an event."""
    shown: dict[str, Any] = {
        "id": str(stored.uuid),
        "messageId": None if stored.message_id is None else encode_message(stored.message_id),
        "reason": stored.reason,
        "createdAt": _time(stored.created_at),
        "acknowledgedAt": None if stored.acknowledged_at is None else _time(stored.acknowledged_at),
    }
    return {name: value for name, value in shown.items() if value is not None}


def _time(value: Any) -> str:
    return value if isinstance(value, str) else clock.rfc3339(value)
