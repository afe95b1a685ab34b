"""When messages were read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from chatapp.events import MessageSnapshot
from chatapp.extensions import db

# The first mark that covers a message is when it was read. Bounded by the pointer alone: one that stood still behind a
# block had all its marks by then.
_READ_AT = """
SELECT w.id, r.read_at
FROM unnest(%(ids)s::bigint[], %(chats)s::bigint[], %(readers)s::bigint[], %(seqs)s::bigint[])
    AS w (id, chat_id, reader_id, seq)
JOIN chat_members m ON m.chat_id = w.chat_id AND m.user_id = w.reader_id
    AND w.seq <= CASE WHEN w.reader_id = %(viewer)s THEN m.last_read_seq
        ELSE coalesce(m.receipts_to, m.last_read_seq) END
CROSS JOIN LATERAL (
    SELECT read_at FROM read_marks
    WHERE chat_id = m.chat_id AND user_id = m.user_id AND up_to_seq >= w.seq ORDER BY up_to_seq LIMIT 1
) r
"""


def read_at(messages: Iterable[MessageSnapshot], viewer_id: int) -> dict[int, dt.datetime]:
    """When each of these messages was read by whom it was for; those that are unread are left out.

    Parameters:
        viewer_id: who is shown it. Others than the reader see nothing of what was read behind a block.

    Returns:
        From the ids of messages to times.
    """
    read = [message for message in messages if message.is_read]
    if not read:
        return {}
    values = {
        "ids": [message.id for message in read],
        "chats": [message.chat_id for message in read],
        "readers": [message.receiver.id for message in read],
        "seqs": [message.seq for message in read],
        "viewer": viewer_id,
    }
    return dict(db.execute_sql(_READ_AT, values).fetchall())
