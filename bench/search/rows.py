"""Chats whose sizes follow Zipf's law, with a year of messages, as rows of an empty database."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import psycopg2

from bench.search.texts import Texts
from bench.social.seed_data import copy_rows, create_partitions
from chatapp.ids import snowflake

CHATS = 10_000
MONTHS = 12
FEW, MANY, LARGEST = 1, 2, 3  # ids of users with 10 chats, with 1,000, and with the 100 largest
_FIRST_OTHER = 10


@dataclass(frozen=True)
class _Chat:
    id: int
    buyer: int
    seller: int
    messages: list[int]  # their ids, ascending


def make_rows(url: str, messages: int) -> None:
    """Store `messages` messages in `CHATS` chats.

    Parameters:
        url: a migrated database without chats.

    Raises:
        psycopg2.Error: it is not empty, or not reachable.
    """
    now = dt.datetime.now(dt.UTC)
    began = now - dt.timedelta(days=30 * MONTHS)
    create_partitions(url, began, MONTHS)
    chats = _chats(messages, began, now)
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        copy_rows(cursor, "users (id, subject, username, name)", _people())
        copy_rows(cursor, "chats (id, kind, pair_key, buyer_id, seller_id, last_seq, last_version, first_message_id,"
                  " last_message_id, last_message_at)", map(_chat_line, chats))  # fmt: skip
        copy_rows(cursor, "chat_members (chat_id, user_id, role, last_read_seq, active_bucket)", _member_lines(chats))
        columns = "messages (id, chat_id, seq, version, sender_id, content, created_at)"
        copy_rows(cursor, columns, _message_lines(chats))
        connection.commit()
        connection.autocommit = True
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")


def _chats(messages: int, began: dt.datetime, now: dt.datetime) -> list[_Chat]:
    """The n-th chat has a share of 1/n. Their messages are spread over the whole time."""
    choose = random.Random(2)
    total = sum(1 / (rank + 1) for rank in range(CHATS))
    sizes = [max(1, round(messages / total / (rank + 1))) for rank in range(CHATS)]
    low, high = (int(moment.timestamp() * 1000) - snowflake.EPOCH_MS for moment in (began, now))
    count = sum(sizes)
    moments = sorted(choose.randrange(low, high) for _ in range(count))
    ids = [moment << snowflake.SEQUENCE_BITS | number % 4096 for number, moment in enumerate(moments)]
    owners = [rank for rank, size in enumerate(sizes) for _ in range(size)]
    choose.shuffle(owners)
    of_chat: list[list[int]] = [[] for _ in sizes]
    for owner, id in zip(owners, ids, strict=True):
        of_chat[owner].append(id)
    return [_Chat((low << 12) + rank, _buyer(rank), _FIRST_OTHER + rank, found) for rank, found in enumerate(of_chat)]


def _buyer(rank: int) -> int:
    if rank < 100:
        return LARGEST
    if rank % 1000 == 501:
        return FEW
    return MANY if rank % 9 == 0 and rank < 9109 else _FIRST_OTHER + CHATS + rank


def _people() -> Iterator[str]:
    ids = [FEW, MANY, LARGEST, *range(_FIRST_OTHER, _FIRST_OTHER + 2 * CHATS)]
    return (f"{id}\t{id}\tperson-{id}\tPerson {id}\n" for id in ids)


def _chat_line(chat: _Chat) -> str:
    last, low, high = len(chat.messages), min(chat.buyer, chat.seller), max(chat.buyer, chat.seller)
    at = snowflake.moment_of(chat.messages[-1]).isoformat()
    members = f"direct:{low}:{high}\t{chat.buyer}\t{chat.seller}"
    return f"{chat.id}\tdirect\t{members}\t{last}\t{last}\t{chat.messages[0]}\t{chat.messages[-1]}\t{at}\n"


def _member_lines(chats: list[_Chat]) -> Iterator[str]:
    for chat in chats:
        for user, role in ((chat.buyer, "buyer"), (chat.seller, "seller")):
            yield f"{chat.id}\t{user}\t{role}\t{len(chat.messages)}\t1\n"


def _message_lines(chats: list[_Chat]) -> Iterator[str]:
    texts = Texts()
    for chat in chats:
        for index, id in enumerate(chat.messages):
            sender, at = (chat.buyer, chat.seller)[index % 2], snowflake.moment_of(id).isoformat()
            yield f"{id}\t{chat.id}\t{index + 1}\t{index + 1}\t{sender}\t{texts.text()}\t{at}\n"
