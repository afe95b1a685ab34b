"""A partition is rewritten while it is used: nothing is lost, and its indexes and its place are as before."""

from __future__ import annotations

import pytest

from chatapp.actions import editing
from chatapp.actions.chats import find_or_create_chat
from chatapp.actions.sending import send_message
from chatapp.auth.actor import Actor
from chatapp.events.snapshots import MessageSnapshot
from chatapp.infra.postgres import database_connection
from chatapp.ops.upkeep import online_rewrite
from chatapp.ops.upkeep.online_rewrite import rewrite
from tests.database import Database

BOUND = 30.0
ROWS = "SELECT id, content, created_in, seq FROM messages ORDER BY id"
CHANGES = "SELECT message_id, version, old_content, created_in FROM message_changes ORDER BY message_id, version"
SHAPE = """
SELECT replace(pg_get_indexdef(indexrelid), relname, 'it'), indisvalid FROM pg_index JOIN pg_class ON oid = indexrelid
WHERE indrelid = %s::regclass ORDER BY 1
"""


@pytest.fixture
def messages(actors: list[Actor], core: Database) -> list[MessageSnapshot]:
    """Messages, some of them edited."""
    chat_id = find_or_create_chat(actors[0], other_id=actors[1].id)
    sent = [send_message(actors[0], chat_id, f"text {number}") for number in range(12)]
    for message in sent[:4]:
        editing.edit_message(actors[0], message.id, "edited")
    return sent


def partition(core: Database, table: str) -> str:
    ((name,),) = core.rows(f"SELECT DISTINCT tableoid::regclass::text FROM {table}")
    return str(name)


def run(name: str) -> bool:
    with database_connection():
        return rewrite(name, BOUND)


@pytest.mark.parametrize(("table", "rows"), [("messages", ROWS), ("message_changes", CHANGES)])
def test_the_rows_are_the_same_in_another_file(
    messages: list[MessageSnapshot], core: Database, monkeypatch: pytest.MonkeyPatch, table: str, rows: str
) -> None:
    monkeypatch.setattr(online_rewrite, "BATCH", 5)
    name = partition(core, table)
    before, shape, place = core.rows(rows), len(core.rows(SHAPE, name)), _place(core, name)
    ((file,),) = core.rows("SELECT pg_relation_filenode(%s)", name)
    assert run(name)
    assert core.rows(rows) == before
    assert core.rows("SELECT pg_relation_filenode(%s)", name) != [(file,)]
    assert len(core.rows(SHAPE, name)) == shape
    assert _place(core, name) == place
    assert _left_over(core) == []
    assert run(name), "also a second time"


def _place(core: Database, name: str) -> list[tuple[object, ...]]:
    return core.rows(
        "SELECT inhparent::regclass::text, pg_get_expr(relpartbound, oid), (SELECT count(*) FROM pg_inherits i"
        " JOIN pg_index x ON x.indexrelid = i.inhrelid WHERE x.indrelid = c.oid)"
        " FROM pg_inherits JOIN pg_class c ON oid = inhrelid WHERE oid = %s::regclass",
        name,
    )


def _left_over(core: Database) -> list[tuple[object, ...]]:
    return core.rows(
        "SELECT relname FROM pg_class WHERE relname IN ('erase_copy', 'erase_changes')"
        " UNION ALL SELECT proname FROM pg_proc WHERE proname = 'erase_changes'"
        " UNION ALL SELECT tgname FROM pg_trigger WHERE tgname = 'erase_changes'"
        " UNION ALL SELECT conname FROM pg_constraint WHERE conname LIKE 'erase_copy%%'"
    )


def test_what_changes_meanwhile_is_in_the_new_table(
    messages: list[MessageSnapshot], core: Database, actors: list[Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    copy, exchange = online_rewrite._copy, online_rewrite._exchange
    chat_id = messages[0].chat_id

    def copy_and_change(part: online_rewrite._Part) -> None:
        copy(part)
        editing.edit_message(actors[0], messages[5].id, "edited after it was copied")
        core.change("DELETE FROM messages WHERE id = %s", messages[6].id)
        send_message(actors[0], chat_id, "sent after the copy")

    def change_and_exchange(part: online_rewrite._Part, bound: float) -> None:
        core.change("UPDATE messages SET content = 'edited at the end' WHERE id = %s", messages[7].id)
        exchange(part, bound)

    monkeypatch.setattr(online_rewrite, "_copy", copy_and_change)
    monkeypatch.setattr(online_rewrite, "_exchange", change_and_exchange)
    assert run(partition(core, "messages"))
    texts = [content for _, content, *_ in core.rows(ROWS)]
    assert texts == [
        *(4 * ["edited"]),
        "text 4",
        "edited after it was copied",
        "edited at the end",
        *(f"text {number}" for number in range(8, 12)),
        "sent after the copy",
    ]
    assert send_message(actors[0], chat_id, "afterwards").seq == 14


def test_a_partition_in_use_is_left_as_it_was(
    messages: list[MessageSnapshot], core: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(online_rewrite, "TRIES", 2)
    name, before = partition(core, "messages"), core.rows(ROWS)
    with core.holding(f"SELECT 1 FROM {name}"), database_connection():
        assert not rewrite(name, 0.2)
        assert core.rows("SELECT prosrc FROM pg_proc WHERE proname = 'erase_changes'") == [
            (" BEGIN RETURN NULL; END ",)
        ]
    assert core.rows(ROWS) == before
    assert run(name)
    assert core.rows(ROWS) == before and _left_over(core) == []
