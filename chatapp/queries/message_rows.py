"""Messages as rows of their snapshots."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import fields
from typing import Any, NamedTuple

from chatapp import clock
from chatapp.events.snapshots import LinkPreview, MessageExtras, Origin, Person, ViewedMessage, extras_or_none
from chatapp.ids import snowflake
from chatapp.infra.prepared_statements import Statement
from chatapp.queries import fragments, message_parts, session_notes
from chatapp.queries import reactions as reaction_queries
from chatapp.queries.message_parts import Parts, Wanted
from chatapp.queries.rows import named, person_columns, select_list
from chatapp.queries.system_notes import note_of, user_ids


class _Row(NamedTuple):
    """A message with its sender and, in a chat of two, the counterpart.

    Attributes:
        is_read: by the counterpart, as far as the viewer may know; in a larger chat by the viewer, if another sent it.
        own_reactions: kinds of those of the viewer; None if there are no reactions.
    """

    id: int
    chat_id: int
    seq: int
    version: int
    changed_version: int | None
    message_type: str
    content: str
    location: dict[str, Any] | None
    system: dict[str, Any] | None
    client_key: str | None
    created_at: dt.datetime
    edited_at: dt.datetime | None
    deleted_at: dt.datetime | None
    attachments_count: int
    original_language: str | None
    reply_to_id: int | None
    mentions: list[int] | None
    forwarded_from_id: int | None
    forwarded_sender_id: int | None
    link_preview: dict[str, Any] | None
    reactions: reaction_queries.Stored | None
    extra: dict[str, Any] | None
    own_reactions: list[str] | None
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
    "own_reactions": reaction_queries.mine("m"),
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


def snapshots(rows: Iterable[Any], viewer_id: int | None) -> list[ViewedMessage]:
    """Snapshots without their attachments. Messages of one user share one `Person`.

    It takes one more query if any message has extras.
    """
    found = named(_Row, rows)
    parts = message_parts.load(_wanted(found), viewer_id)
    people = dict(parts.people)
    return [_snapshot(row, people, _extras(row, parts, is_viewed=viewer_id is not None)) for row in found]


def _wanted(rows: list[_Row]) -> Wanted:
    """What the extras of messages refer to."""
    wanted = Wanted()
    for row in rows:
        if row.deleted_at is None:
            wanted.quotes.update(_given(row.reply_to_id))
            wanted.people.update(row.mentions or (), _given(row.forwarded_sender_id), user_ids(row.system))
    return wanted


def _given(id: int | None) -> tuple[int, ...]:
    return () if id is None else (id,)


def _extras(row: _Row, parts: Parts, *, is_viewed: bool) -> MessageExtras | None:
    """What few messages have. A further part is read here: from the row itself, or from `message_parts`."""
    if row.deleted_at is not None:
        return None
    origin = None
    author = parts.people.get(row.forwarded_sender_id or 0)
    if row.forwarded_from_id is not None and author is not None:
        origin = Origin(row.forwarded_from_id, author, clock.rfc3339(snowflake.moment_of(row.forwarded_from_id)))
    return extras_or_none(
        reply_to=None if row.reply_to_id is None else parts.quotes.get(row.reply_to_id),
        mentions=tuple(parts.people[id] for id in row.mentions or () if id in parts.people),
        forwarded_from=origin,
        link_preview=None if row.link_preview is None else _link_preview(row.link_preview),
        system=note_of(row.system, parts.people),
        reactions=reaction_queries.snapshots(row.reactions, row.own_reactions or () if is_viewed else None),
        session=session_notes.note_of(row.extra),
    )


def _link_preview(stored: dict[str, Any]) -> LinkPreview:
    """A stored preview, without what a later release may have added."""
    values: dict[str, Any] = {field.name: stored.get(field.name) for field in fields(LinkPreview)}
    return LinkPreview(**values)


def _snapshot(row: _Row, people: dict[int, Person], extras: MessageExtras | None) -> ViewedMessage:
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
        original_language=row.original_language,
        extras=extras,
    )
