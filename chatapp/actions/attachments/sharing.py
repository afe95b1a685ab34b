"""Files of forwarded messages: new attachments that refer to the same objects, so no bytes are copied.

Everything here runs inside the transaction of a group commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import orjson

from chatapp.events.snapshots import AttachmentSnapshot
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Batch, Statement
from chatapp.queries import attachments as attachment_queries


@dataclass(frozen=True, slots=True)
class Share:
    """A file that a new message shares.

    Attributes:
        index: of the draft in its batch.
        sender_id: who forwards it.
    """

    index: int
    sender_id: int
    attachment_id: int


# A shared lock keeps the attachment, and with it the reference to its objects, until the copies are stored: who removes
# the last reference waits, then sees the copies. In the order of `object_records.release`: attachments by id, then
# objects by name.
_LOCK_SOURCES = Statement("SELECT FROM attachments WHERE id = ANY(%(ids)s::bigint[]) ORDER BY id FOR KEY SHARE")
_LOCK_OBJECTS = Statement("""
SELECT FROM objects WHERE name = ANY(ARRAY(
    SELECT unnest(ARRAY[object_name, thumbnail_name]) FROM attachments WHERE id = ANY(%(ids)s::bigint[])
)) ORDER BY name FOR KEY SHARE
""")
_COPIES = Statement(f"""
SELECT w.draft, w.sender_id, make_id(), {attachment_queries.COLUMNS}
FROM unnest(%(drafts)s::bigint[], %(senders)s::bigint[], %(ids)s::bigint[])
    WITH ORDINALITY AS w (draft, sender_id, id, position)
CROSS JOIN LATERAL (SELECT * FROM attachments WHERE id = w.id OFFSET 0) a
WHERE {attachment_queries.SHOWN} ORDER BY w.position
""")
_LOCK_AND_COPY = Batch(_LOCK_SOURCES, _LOCK_OBJECTS, _COPIES)


def copies(shares: Sequence[Share]) -> dict[int, list[AttachmentSnapshot]]:
    """Attachments to be inserted for shared files that still exist, by the index of the draft, in their order.

    Without a message yet, and with ids of their own.
    """
    if not shares:
        return {}
    values = {
        "drafts": [share.index for share in shares],
        "senders": [share.sender_id for share in shares],
        "ids": [share.attachment_id for share in shares],
    }
    found: dict[int, list[AttachmentSnapshot]] = {}
    for index, sender_id, id, *columns in db.run(_LOCK_AND_COPY, values).fetchall():
        source = attachment_queries.snapshot_of(columns)
        found.setdefault(index, []).append(replace(source, id=id, uploader_id=sender_id))
    return found


def rows_of(attachments: Iterable[AttachmentSnapshot]) -> list[dict[str, Any]]:
    """The rows of the attachments of a message."""
    return [{**asdict(file), "position": position} for position, file in enumerate(attachments, start=1)]


_COLUMNS = ", ".join((*(field.name for field in fields(AttachmentSnapshot)), "position"))
_INSERT = Statement(f"""
INSERT INTO attachments ({_COLUMNS})
SELECT {_COLUMNS} FROM json_to_recordset(%s) AS a (id bigint, message_id bigint, chat_id bigint, uploader_id bigint,
    file_type text, file_name text, file_size bigint, content_type text, object_name text, thumbnail_name text,
    metadata jsonb, state text, created_at timestamptz, position smallint)
""")


def insert(rows: Sequence[dict[str, Any]]) -> None:
    """Insert attachments that were made by `copies`."""
    db.run(_INSERT, (orjson.dumps(list(rows)).decode(),))
