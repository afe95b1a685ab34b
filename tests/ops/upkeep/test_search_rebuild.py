"""Rebuilding the search index, while it is used; and that nothing of what was erased stays in its files."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chatapp.actions import editing, removal, sending
from chatapp.actions.chats import find_or_create_chat
from chatapp.auth.actor import Actor
from chatapp.errors import Unavailable
from chatapp.infra.postgres import database_connection
from chatapp.ops.upkeep import search_rebuild
from chatapp.outbox import search_writer
from chatapp.queries import search_index
from chatapp.search import tokens
from tests.database import Database
from tests.searching import Indexer, expected_index, indexed, texts_found
from tests.servers import await_true

CANARY = "passport4711x"


@pytest.fixture
def chat_id(actors: list[Actor]) -> int:
    """A chat of the first two actors."""
    return find_or_create_chat(actors[0], other_id=actors[1].id)


@pytest.fixture
def indexer(core: Database) -> Indexer:
    return Indexer()


def rebuild_all() -> str:
    with database_connection():
        return search_rebuild.rebuild_all()


def test_a_rebuild_makes_the_same_index(core: Database, actors: list[Actor], chat_id: int, indexer: Indexer) -> None:
    for number in range(5):
        sending.send_message(actors[0], chat_id, f"books {number} велосипеды จักรยาน")
    indexer.run()
    before = indexed(core)
    core.change("UPDATE message_search SET tokens = ''")
    rebuild_all()
    assert indexed(core) == before
    assert texts_found(actors[1], "book 3")
    assert core.rows("SELECT rebuilt_to, copy_low, made_by FROM search_progress") == [(None, None, tokens.VERSION)]


def test_an_index_with_other_tokens_is_rebuilt_once(
    core: Database, actors: list[Actor], chat_id: int, indexer: Indexer
) -> None:
    sending.send_message(actors[0], chat_id, "from before the index")
    with database_connection():
        assert search_rebuild.rebuild_if_needed().endswith("1 messages")
        assert search_rebuild.rebuild_if_needed() == "up to date"
    assert indexed(core).keys() == expected_index(core)
    core.change("UPDATE search_progress SET made_by = 0")
    with database_connection():
        assert search_rebuild.rebuild_if_needed() != "up to date"


def test_an_interrupted_rebuild_goes_on(
    core: Database, actors: list[Actor], chat_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(part: object) -> None:
        raise ZeroDivisionError

    sending.send_message(actors[0], chat_id, "hello")
    with monkeypatch.context() as patch:
        patch.setattr(search_rebuild, "_exchange", fail)
        with database_connection(), pytest.raises(ZeroDivisionError):
            search_rebuild.rebuild_if_needed()
    ((rebuilt_to, copied),) = core.rows("SELECT rebuilt_to, copy_low IS NOT NULL FROM search_progress")
    assert rebuilt_to is not None
    assert copied
    with database_connection():
        search_rebuild.rebuild_if_needed()
    assert indexed(core).keys() == expected_index(core)


def test_what_happens_during_a_rebuild_is_in_the_new_table(
    core: Database, actors: list[Actor], chat_id: int, indexer: Indexer, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = actors[0]
    edited, deleted, kept = (sending.send_message(alice, chat_id, text).id for text in ("edited", "deleted", "kept"))
    gone = find_or_create_chat(alice, other_id=actors[2].id)
    sending.send_message(alice, gone, "gone")
    indexer.run()
    exchange = search_rebuild._exchange

    def late_exchange(part: search_rebuild.Part) -> None:
        editing.edit_message(alice, edited, "changed meanwhile")
        editing.delete_message(alice, deleted)
        removal.delete_chat(alice, gone)
        sending.send_message(alice, chat_id, "sent meanwhile")
        indexer.run()
        monkeypatch.undo()
        exchange(part)

    monkeypatch.setattr(search_rebuild, "_exchange", late_exchange)
    rebuild_all()
    assert indexed(core).keys() == expected_index(core) >= {edited, kept}
    assert texts_found(alice, "meanwhile") == ["sent meanwhile", "changed meanwhile"]
    assert core.rows("SELECT count(DISTINCT message_id) FROM search_erasures") == [(2,)], "their words are in its files"


def test_an_erasure_just_before_the_exchange(
    core: Database, actors: list[Actor], chat_id: int, indexer: Indexer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = sending.send_message(actors[0], chat_id, "secret")
    sending.send_message(actors[0], chat_id, "kept")
    indexer.run()
    exchange = search_rebuild._exchange

    def late_exchange(part: search_rebuild.Part) -> None:
        editing.delete_message(actors[0], sent.id)  # and its event is not handled yet
        monkeypatch.undo()
        exchange(part)

    monkeypatch.setattr(search_rebuild, "_exchange", late_exchange)
    rebuild_all()
    assert sent.id not in indexed(core)


def test_nothing_of_what_was_erased_stays_in_the_files(
    core: Database, actors: list[Actor], chat_id: int, indexer: Indexer
) -> None:
    alice = actors[0]
    sent = sending.send_message(alice, chat_id, f"my {CANARY}")
    sending.send_message(alice, chat_id, "kept")
    indexer.run()
    indexer.run()  # sorts it into the index
    assert found_in_files(core), "the test can see it"
    editing.delete_message(alice, sent.id)
    indexer.run()
    with database_connection():
        assert search_rebuild.rebuild_erased() == "1 partitions rebuilt"
        assert search_rebuild.rebuild_erased() == "0 partitions rebuilt"
    assert found_in_files(core) == []
    assert texts_found(alice, "kept") == ["kept"]


def found_in_files(core: Database) -> list[str]:
    """Relations of the index whose files contain the canary."""
    with core.autocommitting() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute(
            "SELECT relname, current_setting('data_directory') || '/' || pg_relation_filepath(oid) FROM pg_class"
            " WHERE relname LIKE 'message_search%' AND relkind IN ('r', 'i')"
        )
        return [name for name, path in cursor.fetchall() if CANARY.encode() in Path(path).read_bytes()]


def test_one_rebuild_at_a_time(core: Database, actors: list[Actor], chat_id: int) -> None:
    with core.autocommitting() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", (search_rebuild._LOCK,))
        assert rebuild_all() == "another rebuild is running"
    # Its session ends shortly after its connection.
    await_true(lambda: rebuild_all() != "another rebuild is running")


def test_the_exchange_waits_for_who_uses_the_index(
    core: Database, actors: list[Actor], chat_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_rebuild, "LOCK_TIMEOUT_MS", 20)
    monkeypatch.setattr(search_rebuild, "TRIES", 2)
    sending.send_message(actors[0], chat_id, "hello")
    with core.holding("SELECT count(*) FROM message_search"), pytest.raises(Unavailable):
        rebuild_all()
    rebuild_all()
    assert indexed(core).keys() == expected_index(core)


WAITING = """
SELECT 1 FROM pg_locks WHERE NOT granted AND mode = 'AccessShareLock'
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def test_partitions_are_read_while_one_is_exchanged(core: Database) -> None:
    """Postgres gives no bounds of a partition that was replaced since the statement began."""

    def load() -> list[search_index.Part]:
        with database_connection():
            return search_index.load_parts()

    before = load()
    newest = before[0]
    with ThreadPoolExecutor() as pool, core.holding("LOCK TABLE message_search IN ACCESS EXCLUSIVE MODE") as cursor:
        reading = pool.submit(load)
        await_true(lambda: core.rows(WAITING))
        cursor.execute(f"ALTER TABLE message_search DETACH PARTITION {newest.name}")
        cursor.execute(f"DROP TABLE {newest.name}")
        bounds = f"FOR VALUES FROM ({newest.low}) TO ({newest.high})"
        cursor.execute(f"CREATE TABLE {newest.name} PARTITION OF message_search {bounds}")
    assert reading.result() == before


def test_a_copy_gets_only_its_part(core: Database, actors: list[Actor], chat_id: int, indexer: Indexer) -> None:
    sending.send_message(actors[0], chat_id, "hello")
    core.change(f"CREATE TABLE {search_writer.COPY} (LIKE message_search INCLUDING INDEXES)")
    core.change("UPDATE search_progress SET copy_low = 0, copy_high = 1")
    indexer.run()
    assert core.rows(f"SELECT FROM {search_writer.COPY}") == []
    assert len(indexed(core)) == 1
