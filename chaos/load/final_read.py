"""Reads after recovery: the full history over REST in each dialect, and the stored rows from Postgres."""

from __future__ import annotations

import time
from contextlib import closing
from typing import Any

import gevent
import psycopg2

from chaos.history import Page, PinList, Row
from chaos.load.dialects import Dialect
from chaos.load.rows import row_of
from chaos.load.state import LoadState

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
        for message in messages:
            check_own_reactions(state, "final read", message, reader)
    page = Page(reader, chat, tuple(rows), time.time(), is_final=True, dialect=dialect.name)
    state.history.pages.append(page)


def _page(state: LoadState, dialect: Dialect, chat: int, reader: int, position: Any) -> tuple[int, Any]:
    _, path, options = dialect.history(chat, position)
    return _get(state, dialect, reader, path, **options)


def _get(state: LoadState, dialect: Dialect, reader: int, path: str, **options: Any) -> tuple[int, Any]:
    for _ in range(TRIES):
        status, answer = state.ask("GET", path, reader, dialect=dialect, **options)
        if status == 200:
            break
        gevent.sleep(1)
    return status, answer


def check_own_reactions(state: LoadState, where: str, message: dict[str, Any], reader: int) -> None:
    """`mine` says whether the reader is among the users; of many users, not all are shown."""
    for kind in message.get("reactions", ()):
        users = kind["user_ids"]
        if kind["count"] == len(users) and kind["mine"] is not (reader in users):
            state.fault(where, f"{kind} of message {message['id']}, read by {reader}")


def read_pins(state: LoadState, dialect: Dialect, chat: int, reader: int) -> None:
    """Read the pinned messages of a chat, and record them as final."""
    path = f"{dialect.chats}/{dialect.shown_chat_id(chat)}/pins"
    status, answer = _get(state, dialect, reader, path)
    if status != 200:
        state.fault(f"final read of pins in the {dialect.name} dialect", f"{status} {answer}")
        return
    pins = tuple((dialect.message(pin["message"])["id"], pin["version"]) for pin in answer["data"])
    state.history.pin_lists.append(PinList(reader, chat, pins))


def last_versions(database_url: str, chats: list[int]) -> dict[int, int]:
    """The stored version of each chat."""
    with closing(psycopg2.connect(database_url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id, last_version FROM chats WHERE id = ANY(%s)", (chats,))
        return dict(cursor.fetchall())


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
