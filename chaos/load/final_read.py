"""What is read when everything has healed: over REST in a dialect, and past the application."""

from __future__ import annotations

import time
from contextlib import closing
from typing import Any

import gevent
import psycopg2

from chaos.history import Page, Row
from chaos.load.dialects import Dialect
from chaos.load.state import World, row_of

TRIES = 10  # of a page, a second apart: an answer of 503 says nothing about what is stored


def read_all(world: World, dialect: Dialect, chat: int, reader: int) -> None:
    """Read a chat from its newest message to its first, and note it as final."""
    rows: list[Row] = []
    place: Any = None
    is_begun = False
    while place is not None or not is_begun:
        is_begun = True
        status, answer = _page(world, dialect, chat, reader, place)
        if status != 200:
            world.fault(f"final read in the {dialect.name} dialect", f"{status} {answer}")
            return
        messages, place = dialect.page(answer["data"])
        rows += map(row_of, messages)
    page = Page(reader, chat, tuple(rows), time.time(), is_final=True, dialect=dialect.name)
    world.history.pages.append(page)


def _page(world: World, dialect: Dialect, chat: int, reader: int, place: Any) -> tuple[int, Any]:
    method, path, options = dialect.history(chat, place)
    for _ in range(TRIES):
        status, answer = world.ask(method, path, reader, dialect=dialect, **options)
        if status == 200:
            break
        gevent.sleep(1)
    return status, answer


def stored_versions(database_url: str, chats: list[int]) -> dict[int, list[int]]:
    """The version of every message's creation and of every change, as stored."""
    found: dict[int, list[int]] = {chat: [] for chat in chats}
    with closing(psycopg2.connect(database_url)) as connection, connection.cursor() as cursor:
        for table in ("messages", "message_changes"):
            cursor.execute(f"SELECT chat_id, version FROM {table} WHERE chat_id = ANY(%s)", (chats,))
            for chat, version in cursor.fetchall():
                found[chat].append(version)
    return found


def stored_people(database_url: str, people: list[int]) -> dict[str, int]:
    """The ids of people who have been seen, by their UUIDs."""
    with closing(psycopg2.connect(database_url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT uuid::text, id FROM users WHERE id = ANY(%s)", (people,))
        return dict(cursor.fetchall())
