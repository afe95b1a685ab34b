"""Edits, files and deletions reach the search index."""

from __future__ import annotations

import pytest

from chatapp.actions import editing, removal, search, sending
from chatapp.actions.chats import find_or_create_chat
from chatapp.auth.actor import Actor
from chatapp.outbox import search_writer
from chatapp.transaction import unit_of_work
from tests.database import Database
from tests.searching import Indexer, expected_index, indexed, texts_found


@pytest.fixture
def chat_id(actors: list[Actor]) -> int:
    """A chat of the first two actors."""
    return find_or_create_chat(actors[0], other_id=actors[1].id)


@pytest.fixture
def indexer(core: Database) -> Indexer:
    return Indexer()


def test_an_edit_replaces_the_words(actors: list[Actor], chat_id: int, indexer: Indexer) -> None:
    alice, bob, _ = actors
    sent = sending.send_message(alice, chat_id, "secret words")
    indexer.run()
    editing.edit_message(alice, sent.id, "other words")
    assert texts_found(bob, "secret") == [], "at once, whatever the index contains"
    indexer.run()
    assert texts_found(bob, "other") == ["other words"]


def test_a_deleted_message_is_removed_at_once(
    core: Database, actors: list[Actor], chat_id: int, indexer: Indexer
) -> None:
    sent = sending.send_message(actors[0], chat_id, "secret")
    indexer.run()
    editing.delete_message(actors[0], sent.id)
    assert indexed(core) == {}
    assert core.rows("SELECT message_id FROM search_erasures") == [(sent.id,)]
    indexer.run()
    assert indexed(core) == {}


def test_a_message_that_was_indexed_while_it_was_deleted(
    core: Database, actors: list[Actor], chat_id: int, indexer: Indexer
) -> None:
    sent = sending.send_message(actors[0], chat_id, "secret")
    editing.delete_message(actors[0], sent.id)
    core.change("INSERT INTO message_search VALUES (%s, %s, 'secret')", sent.id, chat_id)
    indexer.run()
    assert indexed(core) == {}


def test_a_deleted_chat(core: Database, actors: list[Actor], chat_id: int, indexer: Indexer) -> None:
    alice, bob, carol = actors
    sent = sending.send_message(alice, chat_id, "secret")
    other = sending.send_message(alice, find_or_create_chat(alice, other_id=carol.id), "kept")
    indexer.run()
    removal.delete_chat(bob, chat_id)
    assert indexed(core).keys() == {other.id}
    # Indexed while it was being deleted.
    core.change("INSERT INTO message_search VALUES (%s, %s, %s)", sent.id, chat_id, f"'secret' '=c{chat_id}'")
    indexer.run()
    assert indexed(core).keys() == {other.id}


def test_a_large_deleted_chat_is_purged(
    core: Database, actors: list[Actor], chat_id: int, indexer: Indexer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removal, "AT_ONCE", 2)
    monkeypatch.setattr(removal, "BATCH", 2)
    for number in range(5):
        sending.send_message(actors[0], chat_id, f"secret {number}")
    indexer.run()
    removal.delete_chat(actors[0], chat_id)
    assert texts_found(actors[1], "secret") == []
    removal.purge_deleted_chats()
    assert indexed(core) == {}
    assert len(core.rows("SELECT DISTINCT message_id FROM search_erasures")) == 5


def test_a_large_chat_is_removed_in_batches(
    core: Database, actors: list[Actor], chat_id: int, indexer: Indexer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        sending.send_message(actors[0], chat_id, f"secret {number}")
    indexer.run()
    monkeypatch.setattr(search_writer, "BATCH", 2)
    search_writer.remove_chat(chat_id)
    assert indexed(core) == {}


def test_an_erased_person(core: Database, actors: list[Actor], chat_id: int, indexer: Indexer) -> None:
    alice, bob, _ = actors
    sending.send_message(alice, chat_id, "hers")
    kept = sending.send_message(bob, chat_id, "his")
    search.remember_query(alice, "hers")
    indexer.run()
    with unit_of_work():
        assert search.forget_person(alice.id) == 1
        assert search.forget_person(alice.id) == 0
    assert indexed(core).keys() == {kept.id}
    assert core.rows("SELECT FROM recent_searches") == []


def test_files_are_found_by_their_type(core: Database, actors: list[Actor], chat_id: int, indexer: Indexer) -> None:
    alice, _, _ = actors
    sent = sending.send_message(alice, chat_id, "look https://example.com")
    core.change("INSERT INTO objects (name, size, state, writable_until) VALUES ('x', 1, 'stored', now())")
    core.change(
        "INSERT INTO attachments (message_id, chat_id, uploader_id, file_name, file_size, object_name, state,"
        " file_type, content_type) VALUES (%s, %s, %s, 'a.png', 1, 'x', 'ready', 'image', 'image/png')",
        sent.id,
        chat_id,
        alice.id,
    )
    core.change("UPDATE messages SET attachments_count = 1")
    indexer.run()
    assert texts_found(alice, "has:image has:file has:link") == [sent.content]
    assert texts_found(alice, "look has:video") == texts_found(alice, "look -has:image") == []
    core.change("DELETE FROM attachments")
    assert texts_found(alice, "has:image") == texts_found(alice, "look has:file") == []


def test_system_messages_are_not_indexed(core: Database, actors: list[Actor], chat_id: int, indexer: Indexer) -> None:
    sending.send_message(actors[0], chat_id, "hello")
    core.change("UPDATE messages SET message_type = 'system'")
    indexer.run()
    assert indexed(core) == {}
    assert expected_index(core) == set()


def test_other_events_are_not_read(core: Database, actors: list[Actor], chat_id: int, indexer: Indexer) -> None:
    text = 'a text with ["message_edited", in it'
    sending.send_message(actors[0], chat_id, text)
    indexer.run()
    rows = core.rows("SELECT events FROM outbox WHERE events LIKE '%%[\"message_edited\",%%'")
    assert rows == []
