"""Reads after recovery: the full history over REST in each dialect, and the stored rows from Postgres."""

from __future__ import annotations

import time
from contextlib import closing
from typing import Any

import gevent
import psycopg2

from chaos.history import Page, Row
from chaos.load.dialects import Dialect
from chaos.load.state import LoadState, row_of

TRIES = 10  # of a page, one second apart: a 503 says nothing about what is stored


def read_all(state: LoadState, dialect: Dialect, chat: int, reader: int) -> None:
    """Read a chat from its newest message to its first, and record it as final."""
    rows: list[Row] = []
    position: Any = None
    has_started = False
    while position is not None or not has_started:
        has_started = True
        status, answer = _page(state, dialect, chat, reader, position)
        if status != 200:
            state.fault(f"final read in the {dialect.name} dialect", f"{status} {answer}")
            return
        messages, position = dialect.page(answer["data"])
        rows += map(row_of, messages)
    page = Page(reader, chat, tuple(rows), time.time(), is_final=True, dialect=dialect.name)
    state.history.pages.append(page)


def _page(state: LoadState, dialect: Dialect, chat: int, reader: int, position: Any) -> tuple[int, Any]:
    method, path, options = dialect.history(chat, position)
    for _ in range(TRIES):
        status, answer = state.ask(method, path, reader, dialect=dialect, **options)
        if status == 200:
            break
        gevent.sleep(1)
    return status, answer


def stored_versions(database_url: str, chats: list[int]) -> dict[int, list[int]]:
    """The stored version of each message and of each change, by chat."""
    found: dict[int, list[int]] = {chat: [] for chat in chats}
    with closing(psycopg2.connect(database_url)) as connection, connection.cursor() as cursor:
        for table in ("messages", "message_changes"):
            cursor.execute(f"SELECT chat_id, version FROM {table} WHERE chat_id = ANY(%s)", (chats,))
            for chat, version in cursor.fetchall():
                found[chat].append(version)
    return found


def stored_people(database_url: str, people: list[int]) -> dict[str, int]:
    """Integer ids of known people, by UUID."""
    with closing(psycopg2.connect(database_url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT uuid::text, id FROM users WHERE id = ANY(%s)", (people,))
        return dict(cursor.fetchall())
