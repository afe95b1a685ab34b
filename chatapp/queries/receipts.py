"""When messages were read, and by which members."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from cachetools import LRUCache

from chatapp.events.snapshots import MessageSnapshot, Person
from chatapp.infra.bound import Bound
from chatapp.infra.postgres import database_connection, db
from chatapp.infra.prepared_statements import Statement
from chatapp.models import Message
from chatapp.queries import fragments
from chatapp.queries.rows import person_list

_Read = tuple[int, int]  # ids of a message and of its reader

MAX_CACHED = 10_000  # read times of messages in a worker, 200 pages of them: some 2 MB
# Read pointers only advance, so the first mark that covers a message stays the first: a read time never changes.
read_times: Bound[LRUCache[_Read, dt.datetime]] = Bound("Read times", lambda settings: LRUCache(MAX_CACHED))

_FIRST_MARK = """
    SELECT read_at FROM read_marks
    WHERE chat_id = m.chat_id AND user_id = m.user_id AND up_to_seq >= {seq} ORDER BY up_to_seq LIMIT 1
"""
# A message was read at the time of the first mark that covers it. The receipt is the only bound: a pointer that was
# frozen by a block has all its marks.
_READ_AT = Statement(f"""
SELECT w.id, w.reader_id, r.read_at
FROM unnest(%(ids)s::bigint[], %(chats)s::bigint[], %(readers)s::bigint[], %(seqs)s::bigint[])
    AS w (id, chat_id, reader_id, seq)
JOIN chat_members m ON m.chat_id = w.chat_id AND m.user_id = w.reader_id
    AND w.seq <= {fragments.receipt("m")}
CROSS JOIN LATERAL ({_FIRST_MARK.format(seq="w.seq")}) r
""")


def read_at(messages: Iterable[MessageSnapshot], viewer_id: int) -> dict[int, dt.datetime]:
    """The times when messages were read, by message id: by the counterpart, in a larger chat by the viewer.

    Unread messages are left out, and those that the viewer sent in a larger chat.

    Parameters:
        viewer_id: the user who sees the times. Only the counterpart sees what was read while a block existed.

    Raises:
        Unavailable: Postgres is away, and not all times were cached.
    """
    read = {
        (message.id, message.counterpart.id if message.counterpart else viewer_id): message
        for message in messages
        if message.is_read and (message.counterpart or message.sender.id != viewer_id)
    }
    cached = read_times()
    times = {key: time for key in read if (time := cached.get(key)) is not None}
    missing = {key: message for key, message in read.items() if key not in times}
    if missing:
        found = _look_up(missing, viewer_id)
        cached.update(found)
        times |= found
    return {message_id: time for (message_id, _), time in times.items()}


def _look_up(read: dict[_Read, MessageSnapshot], viewer_id: int) -> dict[_Read, dt.datetime]:
    values = {
        "ids": [message_id for message_id, _ in read],
        "chats": [message.chat_id for message in read.values()],
        "readers": [reader_id for _, reader_id in read],
        "seqs": [message.seq for message in read.values()],
        "viewer": viewer_id,
    }
    with database_connection():
        return {(id, reader_id): time for id, reader_id, time in db.run(_READ_AT, values).fetchall()}


@dataclass(frozen=True, slots=True)
class Receipt:
    """How far a message has come with one member of its chat.

    Attributes:
        delivered_at: the latest time at which the member had received it: when it was read. None if not known.
        read_at: None if the member has not read it, or hides it behind a block.
    """

    person: Person
    delivered_at: dt.datetime | None
    read_at: dt.datetime | None


# OFFSET 0: people are looked up.
_OF_MESSAGE = Statement(f"""
SELECT {person_list("u")}, r.read_at
FROM chat_members m
CROSS JOIN LATERAL (SELECT * FROM users WHERE id = m.user_id OFFSET 0) u
LEFT JOIN LATERAL ({_FIRST_MARK.format(seq="%(seq)s")}) r ON %(seq)s <= {fragments.receipt("m")}
WHERE m.chat_id = %(chat)s AND m.user_id <> %(sender)s AND m.joined_seq < %(seq)s
ORDER BY r.read_at, m.user_id
""")


def of_message(message: Message, viewer_id: int) -> list[Receipt]:
    """The receipts of all members that a message was meant for: who has read it first, then the others."""
    values = {"seq": message.seq, "chat": message.chat_id, "sender": message.sender_id, "viewer": viewer_id}
    return [Receipt(Person(*person), read_at, read_at) for *person, read_at in db.run(_OF_MESSAGE, values).fetchall()]
