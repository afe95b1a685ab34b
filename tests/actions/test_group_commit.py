"""What becomes of messages that meet trouble on their way into the database."""

from __future__ import annotations

import logging

import gevent
import pytest
from peewee import IntegrityError

from chatapp.actions import sending
from chatapp.actions.chats import find_or_create_chat
from chatapp.auth.actor import Actor
from chatapp.errors import Conflict, Unavailable
from chatapp.events.snapshots import MessageSnapshot
from tests.database import Database

LOCK = "SELECT 1 FROM chats WHERE id = %s FOR UPDATE"


def send(actor: Actor, chat_id: int, content: str, key: str | None = None) -> MessageSnapshot | Exception:
    """Send; returns the message, or what was raised."""
    try:
        return sending.send_message(actor, chat_id, content, idempotency_key=key)
    except Exception as error:
        return error


def test_a_chat_that_another_worker_holds_stalls_no_other(core: Database, actors: list[Actor], chat_id: int) -> None:
    alice, _, carol = actors
    free_chat = find_or_create_chat(alice, receiver_id=carol.id)
    with core.holding(LOCK, chat_id):
        held = [gevent.spawn(send, alice, chat_id, f"held {number}") for number in range(3)]
        free = gevent.spawn(send, alice, free_chat, "free").get(timeout=30)
        assert isinstance(free, MessageSnapshot)
        assert not any(greenlet.ready() for greenlet in held)
    stored = [greenlet.get(timeout=30) for greenlet in held]
    assert [(message.content, message.seq) for message in stored] == [(f"held {n}", n + 1) for n in range(3)]


def test_a_chat_that_is_held_for_long_is_given_up(
    core: Database, actors: list[Actor], chat_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "CONTENDED_LIMIT", 0.05)
    with core.holding(LOCK, chat_id):
        refused = send(actors[0], chat_id, "patience", "k")
    assert isinstance(refused, Unavailable)
    assert refused.code == "chat_unavailable"
    later = send(actors[0], chat_id, "patience", "k")
    assert isinstance(later, MessageSnapshot)
    assert later.seq == 1


def test_a_defect_in_one_message_is_logged_and_hurts_no_neighbour(
    core: Database, actors: list[Actor], chat_id: int, caplog: pytest.LogCaptureFixture
) -> None:
    # The driver refuses such a key before Postgres sees it; the schemas keep it away from here.
    keys = ["good", "bad\x00", "also good"]
    with caplog.at_level(logging.ERROR, logger="chatapp.actions.sending"):
        group = [gevent.spawn(send, actors[0], chat_id, "hi", key) for key in keys]
        first, bad, last = (greenlet.get(timeout=30) for greenlet in group)
    assert isinstance(bad, ValueError)
    assert [message.seq for message in (first, last) if isinstance(message, MessageSnapshot)] == [1, 2]
    assert [record.message for record in caplog.records] == ["a message could not be stored"]


def test_a_message_that_postgres_refuses_is_tried_alone(core: Database, actors: list[Actor], chat_id: int) -> None:
    core.change("ALTER TABLE messages ADD CONSTRAINT poison CHECK (content <> 'poison')")
    group = [gevent.spawn(send, actors[0], chat_id, text) for text in ("one", "poison", "two")]
    one, poison, two = (greenlet.get(timeout=30) for greenlet in group)
    assert isinstance(poison, IntegrityError)
    assert [(m.content, m.seq) for m in (one, two) if isinstance(m, MessageSnapshot)] == [("one", 1), ("two", 2)]
    assert core.rows("SELECT last_seq, last_version FROM chats WHERE id = %s", chat_id) == [(2, 2)]
    assert core.rows("SELECT count(*) FROM client_keys") == [(2,)]


def test_one_key_several_times_in_one_group_is_one_message(core: Database, actors: list[Actor], chat_id: int) -> None:
    texts = ["hi", "hi", "another"]
    group = [gevent.spawn(send, actors[0], chat_id, text, "same") for text in texts]
    first, again, other = (greenlet.get(timeout=30) for greenlet in group)
    assert isinstance(first, MessageSnapshot)
    assert again == first
    assert isinstance(other, Conflict)
    assert other.code == "client_key_reused"
    assert core.rows("SELECT count(*) FROM messages") == [(1,)]
