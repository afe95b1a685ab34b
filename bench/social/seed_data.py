"""Chats with months of history, copied into an empty database past the application, as if it had been sent through it.

Invariant: what a send would have kept in step is in step: `seq` and `version` without holes, chat heads, read pointers
and marks, the unread flag, the bucket of the last activity, ids that are times and lie in their month's partition.
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
_GROUPS = 4  # at most; each has a quarter of the low bits of ids, so that none collide
_PER_GROUP = (1 << snowflake.SEQUENCE_BITS) // _GROUPS
_TEXTS = (
    "ok, until tomorrow",
    "is it still to be had?",
    "yes, come by at six",
    "thank you!",
    "could you send a photo?",
)


@dataclass(frozen=True)
class Group:
    """Direct chats that are alike.

    Attributes:
        pairs: of each chat the buyer and the seller, ids of people.
        messages: in each chat, spread evenly over the months; the two write in turns, the buyer begins.
        unread_by_seller: the last so many are unread by the seller; the buyer has read everything.
    """

    pairs: Sequence[tuple[int, int]]
    messages: int
    unread_by_seller: int = 0


def fill(url: str, groups: Sequence[Group], *, months: int = MONTHS) -> list[list[int]]:
    """Store people, chats and messages, and let Postgres gather its statistics.

    Parameters:
        url: of a migrated database without chats.
        groups: at most four.
        months: how far back the first messages lie; each month has a partition.

    Returns: the ids of each group's chats, in the order of its pairs.

    Raises:
        psycopg2.Error: the database is not empty, or out of reach.
    """
    assert len(groups) <= _GROUPS
    now = dt.datetime.now(dt.UTC)
    spans = [_Span(number, group, now - dt.timedelta(days=30 * months), now) for number, group in enumerate(groups)]
    _cut_months(url, spans[0].began, months)
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        _copy(cursor, "users (id, subject, username, name)", _people(groups))
        for span in spans:
            _copy(cursor, f"chats ({_CHAT_COLUMNS})", span.chats())
            _copy(cursor, f"chat_members ({_MEMBER_COLUMNS})", span.members())
            _copy(cursor, "read_marks (chat_id, user_id, up_to_seq, read_at, message_id)", span.marks())
            _copy(cursor, f"messages ({_MESSAGE_COLUMNS})", span.messages())
        connection.commit()
        connection.autocommit = True
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")
    return [span.chat_ids for span in spans]


_CHAT_COLUMNS = """id, kind, buyer_id, seller_id, last_seq, last_version, first_message_id, last_message_id,
    last_message_sender_id, last_message_text, last_message_at, created_at, updated_at"""
_MEMBER_COLUMNS = "chat_id, user_id, last_read_seq, has_unread, active_bucket"
_MESSAGE_COLUMNS = "id, chat_id, seq, version, sender_id, client_key, content, created_at"


class _Span:
    """A group in time: the n-th messages of its chats share the n-th part of the time, each chat a moment of it."""

    def __init__(self, number: int, group: Group, began: dt.datetime, ended: dt.datetime) -> None:
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
            yield f"{chat}\t{buyer}\t{last}\tf\t{bucket}\n"
            yield f"{chat}\t{seller}\t{last - unread}\t{'t' if unread else 'f'}\t{bucket}\n"

    def marks(self) -> Iterator[str]:
        for n, pair in enumerate(self._group.pairs):
            for person, unread in zip(pair, (0, self._group.unread_by_seller), strict=True):
                read = self._group.messages - unread
                if read:
                    yield f"{self.chat_ids[n]}\t{person}\t{read}\t{self._at(read - 1, n)}\t{self._id(read - 1, n)}\n"

    def messages(self) -> Iterator[str]:
        pairs, chat_ids, count = self._group.pairs, self.chat_ids, len(self._group.pairs)
        for turn in range(self._group.messages):
            side, seq, text = turn % 2, turn + 1, _TEXTS[turn % len(_TEXTS)]
            for n in range(count):
                id = self._id(turn, n)
                yield (f"{id}\t{chat_ids[n]}\t{seq}\t{seq}\t{pairs[n][side]}\tm{id}\t{text}\t{self._at(turn, n)}\n")

    def _ms(self, turn: int, n: int) -> int:
        return self._began_ms + turn * self._round_ms + n * self._round_ms // len(self._group.pairs)

    def _id(self, turn: int, n: int) -> int:
        return (self._ms(turn, n) - snowflake.EPOCH_MS) << snowflake.SEQUENCE_BITS | self._first_bits | n % _PER_GROUP

    def _at(self, turn: int, n: int) -> str:
        return dt.datetime.fromtimestamp(self._ms(turn, n) / 1000, dt.UTC).isoformat()


class _Lines(io.TextIOBase):
    """Lines as a file that psycopg2 can read."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines

    def read(self, size: int | None = -1, /) -> str:
        return "".join(islice(self._lines, LINES_AT_ONCE))


def _copy(cursor: Cursor, into: str, lines: Iterator[str]) -> None:
    cursor.copy_expert(f"COPY {into} FROM STDIN", cast(TextIO, _Lines(lines)))


def _people(groups: Sequence[Group]) -> Iterator[str]:
    everybody = {person for group in groups for pair in group.pairs for person in pair}
    return (f"{person}\t{person}\tperson-{person}\tPerson {person}\n" for person in sorted(everybody))


def _cut_months(url: str, began: dt.datetime, months: int) -> None:
    """Cut the empty tables by month from `began` on, as if chatapp had run since then."""
    db = connect(url)
    with closing(db):
        for table in TABLES:
            parts = db.execute_sql(
                "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass", (table.name,)
            )
            for (part,) in parts.fetchall():
                db.execute_sql(f"DROP TABLE {part}")
        make_partitions(db, months_ahead=months + MONTHS_AHEAD, now=began)
