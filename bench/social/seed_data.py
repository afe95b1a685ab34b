"""Chats with months of history, copied directly into an empty database.

Invariant: the rows are consistent as if sent through the application: `seq` and `version` without gaps, chat heads,
read pointers and marks, unread flags, activity buckets, and ids whose times match their monthly partition.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import TextIO, cast

import psycopg2
from playhouse.db_url import connect
from psycopg2.extensions import cursor as Cursor

from chatapp import clock
from chatapp.ids import snowflake
from chatapp.ops.migration.partitions import TABLES, make_partitions

MONTHS = 12
MONTHS_AHEAD = 3
LINES_AT_ONCE = 500
_GROUPS = 4  # at most; each uses a quarter of the low bits of ids, so that ids are unique
_PER_GROUP = (1 << snowflake.SEQUENCE_BITS) // _GROUPS
_TEXTS = (
    "ok, until tomorrow",
    "is it still available?",
    "yes, come by at six",
    "thank you!",
    "could you send a photo?",
)


@dataclass(frozen=True)
class ChatGroup:
    """Direct chats of the same size.

    Attributes:
        pairs: user ids of the buyer and the seller of each chat.
        messages: number in each chat, spread evenly over the months; buyer and seller alternate.
        unread_by_seller: number of last messages that the seller has not read; the buyer has read everything.
    """

    pairs: Sequence[tuple[int, int]]
    messages: int
    unread_by_seller: int = 0


def seed(url: str, groups: Sequence[ChatGroup], *, months: int = MONTHS) -> list[list[int]]:
    """Store users, chats and messages, and run VACUUM ANALYZE.

    Parameters:
        url: a migrated database without chats.
        groups: at most four.
        months: age of the first messages; each month has a partition.

    Returns: the chat ids of each group, in the order of its pairs.

    Raises:
        psycopg2.Error: the database is not empty, or not reachable.
    """
    assert len(groups) <= _GROUPS
    now = dt.datetime.now(dt.UTC)
    spans = [
        _GroupRows(number, group, now - dt.timedelta(days=30 * months), now) for number, group in enumerate(groups)
    ]
    create_partitions(url, spans[0].began, months)
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        copy_rows(cursor, "users (id, subject, username, name)", _people(groups))
        for span in spans:
            copy_rows(cursor, f"chats ({_CHAT_COLUMNS})", span.chats())
            copy_rows(cursor, f"chat_members ({_MEMBER_COLUMNS})", span.members())
            copy_rows(cursor, "read_marks (chat_id, user_id, up_to_seq, read_at, message_id)", span.marks())
            copy_rows(cursor, f"messages ({_MESSAGE_COLUMNS})", span.messages())
        connection.commit()
        connection.autocommit = True
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")
    return [span.chat_ids for span in spans]


_CHAT_COLUMNS = """id, kind, buyer_id, seller_id, last_seq, last_version, first_message_id, last_message_id,
    last_message_sender_id, last_message_text, last_message_at, created_at, updated_at"""
_MEMBER_COLUMNS = "chat_id, user_id, role, last_read_seq, has_unread, active_bucket"
_MESSAGE_COLUMNS = "id, chat_id, seq, version, sender_id, client_key, content, created_at"


class _GroupRows:
    """Rows of a group: the n-th messages of all chats fall into the n-th interval, each chat at its own time."""

    def __init__(self, number: int, group: ChatGroup, began: dt.datetime, ended: dt.datetime) -> None:
        self._group = group
        self._first_bits = number * _PER_GROUP
        self.began = began
        self._began_ms = int(began.timestamp() * 1000)
        self._round_ms = (int(ended.timestamp() * 1000) - self._began_ms) // group.messages
        low = self._began_ms - snowflake.EPOCH_MS
        self.chat_ids = [(low + n) << snowflake.SEQUENCE_BITS | self._first_bits for n in range(len(group.pairs))]

    def chats(self) -> Iterator[str]:
        for n, (buyer, seller) in enumerate(self._group.pairs):
            last, first_id, last_id = self._group.messages, self._id(0, n), self._id(self._group.messages - 1, n)
            at, text = self._at(last - 1, n), _TEXTS[(last - 1) % len(_TEXTS)]
            sender, begun = (buyer, seller)[(last - 1) % 2], self._at(0, n)
            yield (
                f"{self.chat_ids[n]}\tdirect\t{buyer}\t{seller}\t{last}\t{last}\t{first_id}\t{last_id}\t{sender}\t{text}"
                f"\t{at}\t{begun}\t{at}\n"
            )

    def members(self) -> Iterator[str]:
        unread = self._group.unread_by_seller
        for n, (buyer, seller) in enumerate(self._group.pairs):
            chat, last = self.chat_ids[n], self._group.messages
            bucket = self._ms(last - 1, n) // 1000 // clock.ACTIVITY_BUCKET
            yield f"{chat}\t{buyer}\tbuyer\t{last}\tf\t{bucket}\n"
            yield f"{chat}\t{seller}\tseller\t{last - unread}\t{'t' if unread else 'f'}\t{bucket}\n"

    def marks(self) -> Iterator[str]:
        for n, pair in enumerate(self._group.pairs):
            for person, unread in zip(pair, (0, self._group.unread_by_seller), strict=True):
                read = self._group.messages - unread
                if read:
                    yield f"{self.chat_ids[n]}\t{person}\t{read}\t{self._at(read - 1, n)}\t{self._id(read - 1, n)}\n"

    def messages(self) -> Iterator[str]:
        pairs, chat_ids, count = self._group.pairs, self.chat_ids, len(self._group.pairs)
        for index in range(self._group.messages):
            side, seq, text = index % 2, index + 1, _TEXTS[index % len(_TEXTS)]
            for n in range(count):
                id = self._id(index, n)
                yield (f"{id}\t{chat_ids[n]}\t{seq}\t{seq}\t{pairs[n][side]}\tm{id}\t{text}\t{self._at(index, n)}\n")

    def _ms(self, index: int, n: int) -> int:
        return self._began_ms + index * self._round_ms + n * self._round_ms // len(self._group.pairs)

    def _id(self, index: int, n: int) -> int:
        return (self._ms(index, n) - snowflake.EPOCH_MS) << snowflake.SEQUENCE_BITS | self._first_bits | n % _PER_GROUP

    def _at(self, index: int, n: int) -> str:
        return dt.datetime.fromtimestamp(self._ms(index, n) / 1000, dt.UTC).isoformat()


class _Lines(io.TextIOBase):
    """Lines as a file object for psycopg2."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines

    def read(self, size: int | None = -1, /) -> str:
        return "".join(islice(self._lines, LINES_AT_ONCE))


def copy_rows(cursor: Cursor, into: str, lines: Iterator[str]) -> None:
    cursor.copy_expert(f"COPY {into} FROM STDIN", cast(TextIO, _Lines(lines)))


def _people(groups: Sequence[ChatGroup]) -> Iterator[str]:
    person_ids = {person for group in groups for pair in group.pairs for person in pair}
    return (f"{person}\t{person}\tperson-{person}\tPerson {person}\n" for person in sorted(person_ids))


def create_partitions(url: str, began: dt.datetime, months: int) -> None:
    """Partition the empty tables by month from `began` on."""
    db = connect(url)
    with closing(db):
        for table in TABLES:
            parts = db.execute_sql(
                "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass", (table.name,)
            )
            for (part,) in parts.fetchall():
                db.execute_sql(f"DROP TABLE {part}")
        make_partitions(db, months_ahead=months + MONTHS_AHEAD, now=began)
