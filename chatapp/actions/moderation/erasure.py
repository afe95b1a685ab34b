"""What moderation knows of a user who is erased: emptied, as a step of the erasure.

The log keeps what was done and when, by ids, without the reasons that moderators wrote.
"""

from __future__ import annotations

from typing import Any

import orjson

from chatapp.actions.attachments import object_records
from chatapp.actions.moderation import shadow_changes
from chatapp.infra.postgres import db


def erase(user_id: int, *, keeps_evidence: bool = False) -> int:
    """Empty what reports, warnings, bans and the log say about a user, in the running unit of work.

    Of evidence, what the user wrote goes, together with the files; what others wrote stays. Open reports stay in the
    queue.

    Parameters:
        keeps_evidence: leave the messages in reports, until the reports are deleted.

    Returns the number of reports that changed.
    """
    # As reporting does, so that no report of a message of this user is made meanwhile.
    db.execute_sql("SELECT 1 FROM users WHERE id = %s FOR UPDATE", (user_id,))
    shadow_changes.remove_of_author(user_id)
    db.execute_sql("DELETE FROM warnings WHERE user_id = %s", (user_id,))
    db.execute_sql("UPDATE bans SET reason = '' WHERE user_id = %s", (user_id,))
    db.execute_sql("UPDATE moderation_log SET reason = '' WHERE user_id = %s AND reason <> ''", (user_id,))
    db.execute_sql("UPDATE reports SET text = '' WHERE reporter_id = %s", (user_id,))
    rows = db.execute_sql(
        "SELECT id, source, evidence FROM reports WHERE %s = ANY(people) ORDER BY id FOR UPDATE", (user_id,)
    ).fetchall()
    for report_id, source, evidence in rows:
        if source == "held":
            _discard_held(report_id)
        elif not keeps_evidence:
            _erase_evidence(report_id, user_id, evidence)
    return len(rows)


def _discard_held(report_id: int) -> None:
    db.execute_sql(
        "UPDATE reports SET evidence = '{}', text = '', held_key = NULL, state = 'decided', action = 'remove_message',"
        " decided_by = 'erasure', decided_at = now() WHERE id = %s",
        (report_id,),
    )


def _erase_evidence(report_id: int, user_id: int, evidence: list[dict[str, Any]]) -> None:
    left = [_emptied(message, user_id) if _is_by(message, user_id) else message for message in evidence]
    db.execute_sql(
        "UPDATE reports SET evidence = %s::jsonb,"
        " text = CASE WHEN source = 'filter' AND author_id = %s THEN '' ELSE text END WHERE id = %s",
        (orjson.dumps(left).decode(), user_id, report_id),
    )
    names = sorted({name for message in evidence if _is_by(message, user_id) for name in _names(message)})
    if names:
        object_records.lock(names)
        db.execute_sql("DELETE FROM report_objects WHERE report_id = %s AND object_name = ANY(%s)", (report_id, names))
        object_records.schedule_deletion(names)


def _is_by(message: dict[str, Any], user_id: int) -> bool:
    """Whether the user wrote what a message says, also if another user forwarded it."""
    return user_id in (message["sender"]["id"], message["forwarded_sender_id"])


def _emptied(message: dict[str, Any], user_id: int) -> dict[str, Any]:
    sender = message["sender"]
    if sender["id"] == user_id:
        sender = {**sender, "username": "", "name": ""}
    return {**message, "sender": sender, "content": "", "location": None, "attachments": []}


def _names(message: dict[str, Any]) -> list[str]:
    names = [name for file in message["attachments"] for name in (file["object_name"], file["thumbnail_name"])]
    return [name for name in names if name is not None]
