"""The times when messages were read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from cachetools import LRUCache

from chatapp.events.snapshots import MessageSnapshot
from chatapp.infra.bound import Bound
from chatapp.infra.postgres import database_connection, db
from chatapp.infra.prepared_statements import Statement
from chatapp.queries import fragments

MAX_CACHED = 50_000  # read times of messages in a worker: some 10 MB
# Read pointers only advance, so the first mark that covers a message stays the first: a read time never changes.
read_times: Bound[LRUCache[int, dt.datetime]] = Bound("Read times", lambda settings: LRUCache(MAX_CACHED))

# A message was read at the time of the first mark that covers it. The receipt is the only bound: a pointer that was
# frozen by a block has all its marks.
_READ_AT = Statement(f"""
SELECT w.id, r.read_at
FROM unnest(%(ids)s::bigint[], %(chats)s::bigint[], %(readers)s::bigint[], %(seqs)s::bigint[])
    AS w (id, chat_id, reader_id, seq)
JOIN chat_members m ON m.chat_id = w.chat_id AND m.user_id = w.reader_id
    AND w.seq <= {fragments.receipt("m")}
CROSS JOIN LATERAL (
    SELECT read_at FROM read_marks
    WHERE chat_id = m.chat_id AND user_id = m.user_id AND up_to_seq >= w.seq ORDER BY up_to_seq LIMIT 1
) r
""")


def read_at(messages: Iterable[MessageSnapshot], viewer_id: int) -> dict[int, dt.datetime]:
    """The times when messages were read by their counterparts, by message id; unread messages are left out.

    Parameters:
        viewer_id: the user who sees the times. Only the counterpart sees what was read while a block existed.

    Raises:
        Unavailable: Postgres is away, and not all times were cached.
    """
    read = [message for message in messages if message.is_read and message.counterpart]
    cached = read_times()
    times = {message.id: time for message in read if (time := cached.get(message.id)) is not None}
    missing = [message for message in read if message.id not in times]
    if missing:
        found = _look_up(missing, viewer_id)
        cached.update(found)
        times |= found
    return times


def _look_up(read: list[MessageSnapshot], viewer_id: int) -> dict[int, dt.datetime]:
    values = {
        "ids": [message.id for message in read],
        "chats": [message.chat_id for message in read],
        "readers": [message.counterpart.id for message in read if message.counterpart],
        "seqs": [message.seq for message in read],
        "viewer": viewer_id,
    }
    with database_connection():
        return dict(db.run(_READ_AT, values).fetchall())
