"""Reporting messages to moderators. A report keeps what was said, also if it is edited or deleted afterwards."""

from __future__ import annotations

from typing import Any

import orjson

from chatapp.access import Membership, access_chat, access_message
from chatapp.actions.moderation import evidence
from chatapp.auth.actor import Actor
from chatapp.errors import Conflict, Invalid, Reason
from chatapp.infra.bound import Bound
from chatapp.infra.postgres import db
from chatapp.queries import moderation as moderation_queries
from chatapp.queries.moderation import ReportSummary
from chatapp.text import sanitizing
from chatapp.transaction import unit_of_work

REASONS = ("spam", "fraud", "harassment", "hate", "violence", "sexual", "illegal", "other")
MAX_TEXT = 2000  # characters

max_open_reports: Bound[int] = Bound("Open reports of a user", lambda settings: settings.max_open_reports)


def report_message(actor: Actor, message_id: int, reason: str, text: str = "") -> ReportSummary:
    """Report a message to the moderators. While the report is open, repeating it returns the first one.

    Parameters:
        reason: one of `REASONS`.
        text: the user's own words.

    Raises:
        NotFound: no such message for this actor.
        Conflict: `message_deleted`; `too_many_reports`: the actor has `MAX_OPEN_REPORTS` open ones.
        Invalid: `cannot_report_self`.
    """
    with unit_of_work():
        membership = _locked_chat_of(actor, message_id)
        message, _ = access_message(actor, message_id)
        if message.sender_id == actor.id:
            raise Invalid({"message_id": [Reason("cannot_report_self")]}, "cannot_report_self")
        known = _open_report(message_id, actor.id)
        if known is not None:
            return moderation_queries.summary(known)
        if message.deleted_at is not None:
            raise Conflict("message_deleted")
        assert message.sender_id is not None, "every message of a chat has a sender"
        _check_number(actor)
        words = sanitizing.without_controls(text).strip()
        return _insert(membership, message_id, message.sender_id, "user", reason, words, reporter_id=actor.id)


def report_by_filter(actor: Actor, message_id: int, matched: str) -> None:
    """Report a message that a filter found, with its surroundings as its sender sees them.

    Parameters:
        actor: the sender.
        matched: what the filter found.
    """
    with unit_of_work():
        membership = _locked_chat_of(actor, message_id)
        message, _ = access_message(actor, message_id)
        if message.deleted_at is None and _open_report(message_id, None) is None:
            _insert(membership, message_id, actor.id, "filter", "filter", matched)


def _locked_chat_of(actor: Actor, message_id: int) -> Membership:
    """The chat of a message, locked: every change of its messages and files waits until the evidence is stored."""
    message, _ = access_message(actor, message_id)
    return access_chat(actor, message.chat_id, lock=True)


def _open_report(message_id: int, reporter_id: int | None) -> int | None:
    row = db.execute_sql(
        "SELECT id FROM reports WHERE message_id = %s AND reporter_id IS NOT DISTINCT FROM %s AND state <> 'decided'",
        (message_id, reporter_id),
    ).fetchone()
    return None if row is None else int(row[0])


def _check_number(actor: Actor) -> None:
    row = db.execute_sql(
        "SELECT count(*) FROM reports WHERE reporter_id = %s AND state <> 'decided'", (actor.id,)
    ).fetchone()
    if row[0] >= max_open_reports():
        raise Conflict("too_many_reports")


_INSERT = """
INSERT INTO reports (source, reporter_id, author_id, chat_id, message_id, reason, text, evidence, people)
VALUES (%(source)s, %(reporter)s, %(author)s, %(chat)s, %(message)s, %(reason)s, %(text)s, %(evidence)s::jsonb,
    %(people)s)
RETURNING id
"""


def _insert(
    membership: Membership,
    message_id: int,
    author_id: int,
    source: str,
    reason: str,
    text: str,
    *,
    reporter_id: int | None = None,
) -> ReportSummary:
    found = evidence.collect(membership, message_id)
    people = found.people | {author_id} | ({reporter_id} if reporter_id is not None else set())
    values: dict[str, Any] = {
        "source": source,
        "reporter": reporter_id,
        "author": author_id,
        "chat": membership.chat.id,
        "message": message_id,
        "reason": reason,
        "text": text,
        "evidence": orjson.dumps(found.messages).decode(),
        "people": sorted(people),
    }
    (report_id,) = db.execute_sql(_INSERT, values).fetchone()
    evidence.keep_objects(report_id, found.message_ids)
    return moderation_queries.summary(report_id)
