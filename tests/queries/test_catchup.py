"""Finding the cursor of a moment is one index lookup, and a page from there does not read the history before it."""

from __future__ import annotations

import datetime as dt

import pytest

from chatapp.actions.chats import open_direct_chat
from chatapp.actions.sending import send_message
from chatapp.auth.actor import Actor
from chatapp.ids.sync_cursor import Cursor
from chatapp.infra.postgres import database_connection
from chatapp.queries import catchup
from tests.database import Database
from tests.queries.conftest import rows_read
from tests.query_counter import QueryCounter

HISTORY = 20_000  # messages, a second apart


@pytest.fixture
def long_chat(actors: list[Actor], core: Database) -> int:
    """A chat with a long history that ends now."""
    chat_id = open_direct_chat(actors[0], "bob")
    send_message(actors[0], chat_id, "first")
    core.change(
        "INSERT INTO messages (id, chat_id, seq, version, sender_id, content, created_at)"
        " SELECT id - (%s - n) * (1000::bigint << 12), chat_id, n, n, sender_id, content, created_at"
        " FROM messages, generate_series(1, %s - 1) n",
        HISTORY,
        HISTORY,
    )
    core.change(f"UPDATE messages SET seq = {HISTORY}, version = {HISTORY} WHERE id = (SELECT max(id) FROM messages)")
    core.change(
        "UPDATE chats SET first_message_id = (SELECT min(id) FROM messages), last_seq = %s, last_version = %s",
        HISTORY,
        HISTORY,
    )
    core.change("ANALYZE messages")
    return chat_id


@pytest.mark.parametrize("ago", [0, 100, HISTORY // 2, 2 * HISTORY])
def test_a_moment_is_found_by_one_row(long_chat: int, actors: list[Actor], ago: int) -> None:
    moment = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=ago)
    with database_connection():
        with QueryCounter() as asked:
            catchup.cursor_at(actors[1].id, moment)
        assert len(asked.queries) == 1
        assert rows_read(asked) <= 1


def test_a_page_from_a_moment_on_reads_no_history(long_chat: int, actors: list[Actor]) -> None:
    moment = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=HISTORY // 2)
    with database_connection():
        cursor = catchup.cursor_at(actors[1].id, moment)
        with QueryCounter() as asked:
            page = catchup.page(actors[1], cursor, limit=20)
        assert (len(page.messages), page.has_more) == (20, True)
        assert rows_read(asked) < 100


def test_what_the_client_knows_is_not_read(long_chat: int, actors: list[Actor]) -> None:
    with database_connection():
        cursor = Cursor(actors[1].id, catchup.cursor_of_now(actors[1].id).epoch, xmin=0)
        with QueryCounter() as asked:
            page = catchup.page(actors[1], cursor, limit=100, known={long_chat: HISTORY - 5})
        assert [message.seq for message in page.messages] == list(range(HISTORY - 4, HISTORY + 1))
        assert rows_read(asked) < 100
