"""When messages were read."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Iterable

from chatapp.events.snapshots import MessageSnapshot
from chatapp.infra.postgres import database_connection, db
from chatapp.infra.prepared_statements import Statement
from chatapp.queries import fragments

# The first mark that covers a message is when it was read. Bounded by the pointer alone: one that stood still behind a
# block had all its marks by then.
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
    """When each of these messages was read by whom it was for; those that are unread are left out.

    Parameters:
        viewer_id: who is shown it. Others than the reader see nothing of what was read behind a block.

    Returns:
        From the ids of messages to times.

    Raises:
        Unavailable: Postgres is away, and not all were known.
    """
    shown = [message for message in messages if message.is_read]
    read = [message for message in shown if message.id not in _known]
    if read:
        _remember(_look_up(read, viewer_id))
    return {message.id: _known[message.id] for message in shown if message.id in _known}


MAX_KNOWN = 50_000  # times of messages that this worker remembers: some 10 MB
# Reading goes forwards, so the first mark that covers a message stays the first: a time that is known never changes.
_known: OrderedDict[int, dt.datetime] = OrderedDict()


def _remember(found: dict[int, dt.datetime]) -> None:
    _known.update(found)
    while len(_known) > MAX_KNOWN:
        _known.popitem(last=False)


def _look_up(read: list[MessageSnapshot], viewer_id: int) -> dict[int, dt.datetime]:
    values = {
        "ids": [message.id for message in read],
        "chats": [message.chat_id for message in read],
        "readers": [message.receiver.id for message in read],
        "seqs": [message.seq for message in read],
        "viewer": viewer_id,
    }
    with database_connection():
        return dict(db.run(_READ_AT, values).fetchall())
