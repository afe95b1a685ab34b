"""Files of chats as their readers see them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from chatapp import clock
from chatapp.access import Membership
from chatapp.auth.actor import Actor
from chatapp.errors import Invalid, Reason
from chatapp.events.snapshots import AttachmentSnapshot, Person
from chatapp.ids import snowflake
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Statement
from chatapp.models import Attachment

COLUMNS = (
    "a.id, a.message_id, a.chat_id, a.uploader_id, a.file_type, a.file_name, a.file_size, a.content_type,"
    " a.object_name, a.thumbnail_name, a.metadata, a.state, a.created_at"
)
"""What `snapshot_of` reads, of attachments named `a`."""

_SHOWN = "a.state = 'ready' AND a.expires_at IS NULL"


@dataclass(frozen=True, slots=True)
class SharedFile:
    """A file of a chat, and who sent it."""

    attachment: AttachmentSnapshot
    sender: Person


def snapshot_of(row: Iterable[Any]) -> AttachmentSnapshot:
    """An attachment of the values of `COLUMNS`."""
    values = list(row)
    values[-1] = clock.rfc3339(values[-1])
    return AttachmentSnapshot(*values)


def snapshot_of_row(attachment: Attachment) -> AttachmentSnapshot:
    """An attachment that was fetched already, and whose file was inspected."""
    names = AttachmentSnapshot.__slots__[:-1]
    return snapshot_of([*(getattr(attachment, name) for name in names), attachment.created_at])


_OF_MESSAGES = Statement(
    f"SELECT {COLUMNS} FROM attachments a WHERE a.message_id = ANY(%s) AND {_SHOWN} ORDER BY message_id, position"
)


def of_messages(message_ids: list[int]) -> dict[int, tuple[AttachmentSnapshot, ...]]:
    """The files of messages in their order, by message; messages without any are left out."""
    rows = db.run(_OF_MESSAGES, (message_ids,)).fetchall()
    found: dict[int, tuple[AttachmentSnapshot, ...]] = {}
    for row in rows:
        attachment = snapshot_of(row)
        assert attachment.message_id is not None, "asked for"
        found[attachment.message_id] = (*found.get(attachment.message_id, ()), attachment)
    return found


def of_message(actor: Actor, message_id: int) -> list[AttachmentSnapshot]:
    """The files of one message; to whom they belong also those that wait for a scanner.

    Parameters:
        message_id: of a message that the actor may see.
    """
    rows = db.execute_sql(
        f"SELECT {COLUMNS} FROM attachments a WHERE a.message_id = %s AND a.expires_at IS NULL"
        " AND (a.state = 'ready' OR a.uploader_id = %s) ORDER BY position",
        (message_id, actor.id),
    ).fetchall()
    return [snapshot_of(row) for row in rows]


def check_sendable(actor: Actor, attachment_ids: Sequence[int]) -> None:
    """Raises unless these are files that the actor may send now. Sending asks again, under its locks.

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
    """Files that were shared in a chat, newest first, and whether there are more.

    Parameters:
        kind: pictures, videos and sound, or documents.
        before: a message and its attachment, by their ids; only what comes after that in the list. Either may be gone.
    """
    chat, member = membership.chat, membership.member
    floor = member.visible_floor
    message_id, attachment_id = before or (snowflake.MAX_ID + 1, 0)
    # The messages' ids are bounded, so few partitions plan.
    seen = (
        " JOIN messages m ON m.retention = 0 AND m.id = a.message_id AND m.id BETWEEN %(low)s AND %(high)s"
        " AND m.seq > %(floor)s"
    )
    rows = db.execute_sql(
        f"SELECT {COLUMNS}, u.id, u.uuid::text, u.username, u.name, u.picture_url FROM attachments a"
        f" JOIN users u ON u.id = a.uploader_id{seen if floor else ''}"
        f" WHERE a.chat_id = %(chat)s AND (a.file_type = 'document') = %(documents)s AND {_SHOWN}"
        " AND (a.message_id, a.id) < (%(message)s, %(attachment)s)"
        " ORDER BY a.message_id DESC, a.id DESC LIMIT %(limit)s",
        {
            "chat": chat.id,
            "documents": kind == "files",
            "low": chat.first_message_id,
            "high": chat.last_message_id,
            "floor": floor,
            "message": message_id,
            "attachment": attachment_id,
            "limit": limit + 1,
        },
    ).fetchall()
    return [SharedFile(snapshot_of(row[:13]), Person(*row[13:])) for row in rows[:limit]], len(rows) > limit
