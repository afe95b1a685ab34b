"""Messages as rows of their snapshots."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

from chatapp import clock
from chatapp.events.snapshots import Person, ViewedMessage
from chatapp.infra.prepared_statements import Statement
from chatapp.queries import fragments
from chatapp.queries.rows import named, person_columns, select_list


class _Row(NamedTuple):
    """A message with its sender and, in a chat of two, the counterpart.

    Attributes:
        is_read: by the counterpart, as far as the viewer may know; in a larger chat by the viewer, if another sent it.
    """

    id: int
    chat_id: int
    seq: int
    version: int
    changed_version: int | None
    message_type: str
    content: str
    location: dict[str, Any] | None
    client_key: str | None
    created_at: dt.datetime
    edited_at: dt.datetime | None
    deleted_at: dt.datetime | None
    attachments_count: int
    is_read: bool
    sender_id: int
    sender_uuid: str
    sender_username: str
    sender_name: str
    sender_picture_url: str | None
    counterpart_id: int | None
    counterpart_uuid: str
    counterpart_username: str
    counterpart_name: str
    counterpart_picture_url: str | None


_COLUMNS = {
    **{name: f"m.{name}" for name in _Row._fields},
    "is_read": f"coalesce(m.seq <= {fragments.receipt('reader')}, false)",
    **person_columns("s", "sender"),
    **person_columns("r", "counterpart"),
}


def statement(source: str) -> Statement:
    """A statement that reads messages as rows for `snapshots`.

    Parameters:
        source: a subquery of `messages`. Its values are named, and `viewer` is one of them.
    """
    # The planner does not know that a page is short. Behind OFFSET 0 it looks users up and never scans all of them.
    return Statement(f"""
SELECT {select_list(_Row, _COLUMNS)}
FROM {source} m
JOIN chats c ON c.id = m.chat_id
CROSS JOIN LATERAL (SELECT * FROM users WHERE id = m.sender_id OFFSET 0) s
LEFT JOIN LATERAL (
    SELECT * FROM users WHERE id = {fragments.counterpart_id("c", "m.sender_id")} OFFSET 0
) r ON true
LEFT JOIN chat_members reader ON reader.chat_id = m.chat_id
    AND reader.user_id = coalesce(r.id, nullif(%(viewer)s, m.sender_id))
""")


def snapshots(rows: Iterable[Any]) -> list[ViewedMessage]:
    """Snapshots without their attachments. Messages of one user share one `Person`."""
    people: dict[int, Person] = {}
    return [_snapshot(row, people) for row in named(_Row, rows)]


def _snapshot(row: _Row, people: dict[int, Person]) -> ViewedMessage:
    sender = people.get(row.sender_id)
    if sender is None:
        sender = people[row.sender_id] = Person(
            row.sender_id, row.sender_uuid, row.sender_username, row.sender_name, row.sender_picture_url
        )
    counterpart = None if row.counterpart_id is None else people.get(row.counterpart_id)
    if counterpart is None and row.counterpart_id is not None:
        counterpart = people[row.counterpart_id] = Person(
            row.counterpart_id,
            row.counterpart_uuid,
            row.counterpart_username,
            row.counterpart_name,
            row.counterpart_picture_url,
        )
    created_at, changed_at = clock.rfc3339(row.created_at), row.deleted_at or row.edited_at
    return ViewedMessage(
        id=row.id,
        chat_id=row.chat_id,
        seq=row.seq,
        version=row.changed_version or row.version,
        sent_version=row.version,
        sender=sender,
        counterpart=counterpart,
        message_type=row.message_type,
        content=row.content,
        location=row.location,
        client_key=row.client_key,
        created_at=created_at,
        updated_at=created_at if changed_at is None else clock.rfc3339(changed_at),
        is_read=row.is_read,
        is_deleted=row.deleted_at is not None,
        is_edited=row.edited_at is not None,
        attachments_count=row.attachments_count,
    )
