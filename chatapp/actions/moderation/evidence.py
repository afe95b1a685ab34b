"""Evidence: a message and those around it, as they were when it was reported, whatever is edited or deleted later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chatapp.access import Membership
from chatapp.events.snapshots import AttachmentSnapshot, MessageSnapshot
from chatapp.infra.postgres import db
from chatapp.queries import messages as message_queries

AROUND = 10  # messages before the reported one, and after it


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a report freezes.

    Attributes:
        messages: JSON-ready, oldest first.
        people: ids of their senders, and of those who first wrote what others forwarded.
    """

    messages: list[dict[str, Any]]
    people: set[int]

    @property
    def message_ids(self) -> list[int]:
        """Ids of the messages."""
        return [message["id"] for message in self.messages]


def collect(membership: Membership, message_id: int) -> Evidence:
    """The message and up to `AROUND` visible ones on each side, as the member sees them.

    Parameters:
        membership: of a chat that this transaction has locked, so that message, files and surroundings are of one
            moment.
    """
    older, newer = message_queries.around(membership, message_id, before=AROUND, after=AROUND)
    found = sorted([*older.messages, *newer.messages], key=lambda message: message.id)
    origins = {id for message in found if (id := _origin_id(message)) is not None}
    return Evidence([_frozen(message) for message in found], {message.sender.id for message in found} | origins)


def keep_objects(report_id: int, message_ids: Sequence[int]) -> None:
    """Keep the files of the messages in the bucket until the report is decided. Their chat is locked."""
    db.execute_sql(
        "INSERT INTO report_objects (report_id, object_name)"
        " SELECT DISTINCT %s::bigint, name FROM attachments a"
        " CROSS JOIN LATERAL (VALUES (object_name), (thumbnail_name)) n (name)"
        " WHERE a.message_id = ANY(%s) AND a.state = 'ready' AND name IS NOT NULL",
        (report_id, list(message_ids)),
    )


def _origin_id(message: MessageSnapshot) -> int | None:
    """The id of the user who first wrote a forwarded message."""
    origin = None if message.extras is None else message.extras.forwarded_from
    return None if origin is None else origin.sender.id


def _frozen(message: MessageSnapshot) -> dict[str, Any]:
    sender = message.sender
    return {
        "id": message.id,
        "seq": message.seq,
        "sender": {"id": sender.id, "uuid": sender.uuid, "username": sender.username, "name": sender.name},
        "message_type": message.message_type,
        "content": message.content,
        "location": message.location,
        "forwarded_sender_id": _origin_id(message),
        "is_edited": message.is_edited,
        "is_deleted": message.is_deleted,
        "created_at": message.created_at,
        "attachments": [_frozen_file(file) for file in message.attachments],
    }


def _frozen_file(file: AttachmentSnapshot) -> dict[str, Any]:
    return {
        "id": file.id,
        "file_type": file.file_type,
        "file_name": file.file_name,
        "file_size": file.file_size,
        "content_type": file.content_type,
        "object_name": file.object_name,
        "thumbnail_name": file.thumbnail_name,
    }
