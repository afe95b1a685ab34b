"""Files of chats as their members see them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from chatapp import clock
from chatapp.access import Membership, is_hidden_by
from chatapp.auth.actor import Actor
from chatapp.errors import Invalid, Reason
from chatapp.events.snapshots import AttachmentSnapshot, Person
from chatapp.ids import snowflake
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Statement
from chatapp.models import Attachment
from chatapp.queries.rows import person_list

_FIELDS = tuple(field.name for field in fields(AttachmentSnapshot))
COLUMNS = ", ".join(f"a.{name}" for name in _FIELDS)
"""The SELECT list of an attachment `a`, for `snapshot_of`."""

SHOWN = "a.state = 'ready' AND a.expires_at IS NULL"
"""The condition that members see an attachment `a` of a message."""


@dataclass(frozen=True, slots=True)
class SharedFile:
    """A file of a chat, and its sender."""

    attachment: AttachmentSnapshot
    sender: Person


def snapshot_of(row: Iterable[Any]) -> AttachmentSnapshot:
    """The snapshot of a row of `COLUMNS`."""
    *values, created_at = row
    return AttachmentSnapshot(*[*values, clock.rfc3339(created_at)])


def snapshot_of_row(attachment: Attachment) -> AttachmentSnapshot:
    """The snapshot of an attachment that was fetched already, and whose file was inspected."""
    return snapshot_of(getattr(attachment, name) for name in _FIELDS)


_OF_MESSAGES = Statement(
    f"SELECT {COLUMNS} FROM attachments a WHERE a.message_id = ANY(%s) AND {SHOWN} ORDER BY message_id, position"
)


def of_messages(message_ids: list[int]) -> dict[int, tuple[AttachmentSnapshot, ...]]:
    """The files of messages in display order, by message id; messages without files are left out."""
    rows = db.run(_OF_MESSAGES, (message_ids,)).fetchall()
    found: dict[int, tuple[AttachmentSnapshot, ...]] = {}
    for row in rows:
        attachment = snapshot_of(row)
        assert attachment.message_id is not None, "a condition of the query"
        found[attachment.message_id] = (*found.get(attachment.message_id, ()), attachment)
    return found


def of_message(actor: Actor, message_id: int) -> list[AttachmentSnapshot]:
    """The files of one message; for their uploader including those that wait for a virus scan.

    Parameters:
        message_id: a message that is visible to the actor.
    """
    rows = db.execute_sql(
        f"SELECT {COLUMNS} FROM attachments a WHERE a.message_id = %s AND a.expires_at IS NULL"
        " AND (a.state = 'ready' OR a.uploader_id = %s) ORDER BY position",
        (message_id, actor.id),
    ).fetchall()
    return [snapshot_of(row) for row in rows]


def check_sendable(actor: Actor, attachment_ids: Sequence[int]) -> None:
    """Check that the actor may send these files now. Sending checks again, under its locks.

    Raises:
        Invalid: `attachment_not_found`.
    """
    found = db.execute_sql(
        "SELECT count(*) FROM attachments WHERE id = ANY(%s) AND uploader_id = %s AND message_id IS NULL"
        " AND state = 'ready' AND expires_at > now()",
        (list(attachment_ids), actor.id),
    ).fetchone()[0]
    if found < len(attachment_ids):
        raise Invalid({"attachment_ids": [Reason("not_yours_or_sent")]}, "attachment_not_found")


def shared(
    membership: Membership,
    kind: Literal["media", "files"],
    *,
    limit: int,
    before: tuple[int, int] | None = None,
) -> tuple[list[SharedFile], bool]:
    """Files of a chat, newest first, and whether there are more.

    Parameters:
        kind: images, videos and audio, or documents.
        before: ids of a message and its attachment; only files after them in the list. They may be deleted.
    """
    chat, member = membership.chat, membership.member
    floor = member.visible_floor
    message_id, attachment_id = before or (snowflake.MAX_ID + 1, 0)
    # The message ids are bounded, so that few partitions are planned.
    seen = (
        " JOIN messages m ON m.retention IN (0, 1) AND m.id = a.message_id AND m.id BETWEEN %(low)s AND %(high)s"
        " AND m.seq > %(floor)s"
    )
    rows = db.execute_sql(
        f"SELECT {COLUMNS}, {person_list('u')} FROM attachments a"
        f" JOIN users u ON u.id = a.uploader_id{seen if floor else ''}"
        f" WHERE a.chat_id = %(chat)s AND (a.file_type = 'document') = %(documents)s AND {SHOWN}"
        " AND a.uploader_id <> ALL(%(hidden)s)"
        f" AND NOT (%(has_hidden)s AND {is_hidden_by('%(user)s', 'a.message_id')})"
        " AND (a.message_id, a.id) < (%(message)s, %(attachment)s)"
        " ORDER BY a.message_id DESC, a.id DESC LIMIT %(limit)s",
        {
            "chat": chat.id,
            "documents": kind == "files",
            "low": chat.first_message_id,
            "high": chat.last_message_id,
            "floor": floor,
            "hidden": [*membership.hidden_senders],
            "has_hidden": member.has_hidden,
            "user": member.user_id,
            "message": message_id,
            "attachment": attachment_id,
            "limit": limit + 1,
        },
    ).fetchall()
    return [_shared_file(row) for row in rows[:limit]], len(rows) > limit


def _shared_file(row: Sequence[Any]) -> SharedFile:
    attachment, sender = row[: len(_FIELDS)], row[len(_FIELDS) :]
    return SharedFile(snapshot_of(attachment), Person(*sender))
