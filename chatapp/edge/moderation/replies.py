"""Renders reports, bans and the log for moderators."""

from __future__ import annotations

from typing import Any

from chatapp.edge.http.signed_urls import object_link
from chatapp.models import Ban, ModerationLogEntry
from chatapp.models import Report as StoredReport
from chatapp.queries.moderation import ReportSummary


def report(found: ReportSummary) -> dict[str, Any]:
    """A report in the queue. What is being released is still open."""
    shown = found._asdict()
    del shown["uuid"]
    return {**shown, "state": "decided" if found.state == "decided" else "open"}


def report_detail(found: ReportSummary, stored: StoredReport) -> dict[str, Any]:
    """A report with its evidence."""
    if stored.source == "held":
        body = stored.evidence.get("body", stored.evidence)
        return {**report(found), "evidence": [], "held_content": body.get("content")}
    is_kept = found.state != "decided"
    evidence = [_message(message, is_kept=is_kept) for message in stored.evidence]
    return {**report(found), "evidence": evidence, "held_content": None}


def _message(frozen: dict[str, Any], *, is_kept: bool) -> dict[str, Any]:
    files = [_file(file, is_kept=is_kept) for file in frozen["attachments"]]
    return {**frozen, "attachments": files}


def _file(frozen: dict[str, Any], *, is_kept: bool) -> dict[str, Any]:
    url = object_link(frozen["object_name"], frozen["file_name"], frozen["content_type"]) if is_kept else ""
    shown = ("id", "file_type", "file_name", "file_size", "content_type")
    return {**{name: frozen[name] for name in shown}, "url": url}


def page(name: str, entries: list[dict[str, Any]], has_more: bool) -> dict[str, Any]:
    """A page of a list; its cursor is the id of its last entry."""
    return {name: entries, "has_more": has_more, "next_cursor": entries[-1]["id"] if has_more else None}


def ban(stored: Ban) -> dict[str, Any]:
    """The ban of a user."""
    return {name: getattr(stored, name) for name in ("user_id", "is_shadow", "reason", "until", "created_at")}


_ENTRY = (
    "id", "moderator", "action", "user_id", "report_id", "chat_id", "message_id", "reason", "detail", "created_at"
)  # fmt: skip


def log_entry(stored: ModerationLogEntry) -> dict[str, Any]:
    """An entry of the log."""
    return {name: getattr(stored, name) for name in _ENTRY}
