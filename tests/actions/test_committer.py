"""Messages that wait to be stored share commits, and fail alone."""

from __future__ import annotations

import logging
import math
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from types import ModuleType

import gevent
import pytest
from peewee import IntegrityError

from chatapp.access import shadow_bans
from chatapp.actions import committer, group_commit, one_trip, sending
from chatapp.actions.chats import find_or_create_chat
from chatapp.actions.group_commit import Draft, Outcome
from chatapp.actions.moderation.filters import content_filter
from chatapp.auth.actor import Actor
from chatapp.errors import Conflict, ConnectionLost, Unavailable
from chatapp.events.snapshots import MessageSnapshot
from chatapp.ops import runtime
from config import load
from tests.database import Database
from tests.servers import await_true

LOCK = "SELECT 1 FROM chats WHERE id = %s FOR UPDATE"


def send(actor: Actor, chat_id: int, content: str, key: str | None = None) -> MessageSnapshot | Exception:
    """Send a message; returns the message, or the exception that was raised."""
    try:
        return sending.send_message(actor, chat_id, content, idempotency_key=key)
    except Exception as error:
        return error


def send_together(actor: Actor, chat_id: int, *contents: str) -> list[MessageSnapshot | Exception]:
    """Send messages at the same time; returns the results in the same order."""
    greenlets = [gevent.spawn(send, actor, chat_id, content) for content in contents]
    return [greenlet.get(timeout=30) for greenlet in greenlets]


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The contents of each batch that is committed from now on."""
    return record(monkeypatch, one_trip)


@pytest.fixture
def two_trip_batches(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The contents of each batch that is committed in two round trips from now on."""
    return record(monkeypatch, group_commit)


def record(monkeypatch: pytest.MonkeyPatch, module: ModuleType) -> list[list[str]]:
    """Record the contents of the batches that `commit` of a module stores."""
    seen: list[list[str]] = []
    commit = module.commit

    def recorded(drafts: list[Draft]) -> list[Outcome]:
        seen.append([draft.content for draft in drafts])
        gevent.idle()  # Postgres blocks this process, where a worker serves others meanwhile
        outcomes: list[Outcome] = commit(drafts)
        return outcomes

    monkeypatch.setattr(module, "commit", recorded)
    return seen


def test_messages_are_dense_until_one_comes_late() -> None:
    arrivals = committer.Arrivals()
    assert not arrivals.are_dense
    for _ in range(500):
        arrivals.count()
    assert arrivals.are_dense
    arrivals._last -= 0.1
    arrivals.count()
    assert not arrivals.are_dense


def test_a_small_batch_of_dense_messages_waits_for_more(
    core: Database, actors: list[Actor], batches: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob, _ = actors
    chat_id = find_or_create_chat(alice, other_id=bob.id)
    monkeypatch.setattr(committer, "DENSE", math.inf)
    assert len(send_together(alice, chat_id, "1", "2", "3")) == 3
    assert batches == [["1", "2", "3"]]


def test_messages_that_wait_are_committed_together(
    core: Database, actors: list[Actor], chat_id: int, batches: list[list[str]]
) -> None:
    texts = [str(number) for number in range(committer.BATCH_LIMIT + 3)]
    sent = send_together(actors[0], chat_id, *texts)
    assert [(m.content, m.seq) for m in sent if isinstance(m, MessageSnapshot)] == [
        (text, number) for number, text in enumerate(texts, start=1)
    ]
    last = 1 + committer.BATCH_LIMIT
    assert batches == [texts[:1], texts[1:last], texts[last:]], "the first waits for no other"


def test_a_lone_message_is_committed_by_the_greenlet_of_its_sender(
    core: Database, actors: list[Actor], chat_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    greenlets: list[object] = []
    commit = one_trip.commit

    def recorded(drafts: list[Draft]) -> list[Outcome]:
        greenlets.append(gevent.getcurrent())
        return commit(drafts)

    monkeypatch.setattr(one_trip, "commit", recorded)
    for text in ("one", "two"):
        send(actors[0], chat_id, text)
    assert greenlets == [gevent.getcurrent()] * 2


def test_a_locked_chat_does_not_delay_the_others(core: Database, actors: list[Actor], chat_id: int) -> None:
    alice, _, carol = actors
    other_chat = find_or_create_chat(alice, other_id=carol.id)
    with core.holding(LOCK, chat_id):
        delayed = [gevent.spawn(send, alice, chat_id, f"delayed {number}") for number in range(3)]
        sent = gevent.spawn(send, alice, other_chat, "not delayed").get(timeout=30)
        assert isinstance(sent, MessageSnapshot)
        assert not any(greenlet.ready() for greenlet in delayed)
    stored = [greenlet.get(timeout=30) for greenlet in delayed]
    assert [(message.content, message.seq) for message in stored] == [(f"delayed {n}", n + 1) for n in range(3)]


def test_a_message_whose_chat_stays_locked_fails(
    core: Database, actors: list[Actor], chat_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(committer, "CONTENDED_LIMIT", 0.05)
    with core.holding(LOCK, chat_id):
        refused = send(actors[0], chat_id, "hi", "k")
    assert isinstance(refused, Unavailable)
    assert refused.code == "chat_unavailable"
    later = send(actors[0], chat_id, "hi", "k")
    assert isinstance(later, MessageSnapshot)
    assert later.seq == 1


def test_a_message_that_postgres_refuses_fails_alone(
    core: Database,
    actors: list[Actor],
    chat_id: int,
    batches: list[list[str]],
    two_trip_batches: list[list[str]],
) -> None:
    core.change("ALTER TABLE messages ADD CONSTRAINT poison CHECK (content <> 'poison')")
    zero, one, poison, two = send_together(actors[0], chat_id, "zero", "one", "poison", "two")
    assert isinstance(poison, IntegrityError)
    assert [(m.content, m.seq) for m in (zero, one, two) if isinstance(m, MessageSnapshot)] == [
        ("zero", 1),
        ("one", 2),
        ("two", 3),
    ]
    assert core.rows("SELECT last_seq, last_version FROM chats WHERE id = %s", chat_id) == [(3, 3)]
    assert core.rows("SELECT count(*) FROM client_keys") == [(3,)]
    together = ["one", "poison", "two"]
    assert batches == [["zero"], together, ["one"], ["poison"], ["two"]], "after an error the messages are separated"
    assert two_trip_batches == [together, together, ["poison"], ["poison"]], "and errors are retried"

    batches.clear()
    send_together(actors[0], chat_id, "three", "four", "five")
    assert batches == [["three"], ["four", "five"]], "later messages share commits again"


def test_a_defect_in_one_message_is_logged_and_fails_alone(
    core: Database, actors: list[Actor], chat_id: int, caplog: pytest.LogCaptureFixture
) -> None:
    # The driver refuses such a key before it reaches Postgres. From outside, the schemas refuse it first.
    keys = ["good", "bad\x00", "also good"]
    with caplog.at_level(logging.ERROR, logger="chatapp.actions.committer"):
        greenlets = [gevent.spawn(send, actors[0], chat_id, "hi", key) for key in keys]
        first, bad, last = (greenlet.get(timeout=30) for greenlet in greenlets)
    assert isinstance(bad, ValueError)
    assert [message.seq for message in (first, last) if isinstance(message, MessageSnapshot)] == [1, 2]
    assert [record.message for record in caplog.records] == ["a message could not be stored"]


def test_all_that_wait_fail_when_postgres_is_away(
    environment: dict[str, str],
    core: Database,
    actors: list[Actor],
    chat_id: int,
    batches: list[list[str]],
    two_trip_batches: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(committer, "BATCH_LIMIT", 1)
    known = [(value, [value()]) for value in (content_filter, shadow_bans)]  # a running worker has read them
    runtime.build(load({**environment, "DATABASE_URL": "postgresql://127.0.0.1:1/away"}))
    for value, read in known:
        monkeypatch.setattr(value, "_values", read)
    failed = send_together(actors[0], chat_id, "one", "two", "three")
    assert [type(error) for error in failed] == [ConnectionLost] * 3
    assert (batches, two_trip_batches) == ([["one"]], [["one"]]), "one attempt and one retry for all"
    runtime.build(load({**environment, "DATABASE_URL": core.url}))
    assert isinstance(send(actors[0], chat_id, "later"), MessageSnapshot)


def test_a_key_that_another_worker_stores_at_the_same_time_is_found(
    core: Database,
    actors: list[Actor],
    chat_id: int,
    batches: list[list[str]],
    two_trip_batches: list[list[str]],
) -> None:
    insert = "INSERT INTO client_keys (sender_id, key, fingerprint, chat_id, message_id) VALUES (%s, 'k', '', 1, 1)"
    waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    is_inserted = Event()

    def store_elsewhere() -> None:
        with core.holding(insert, actors[0].id):
            is_inserted.set()
            await_true(lambda: bool(core.rows(waiting)), what=lambda: "nothing waits for the key")

    with ThreadPoolExecutor() as threads:
        stored = threads.submit(store_elsewhere)
        is_inserted.wait()
        refused = send(actors[0], chat_id, "hi", "k")
        stored.result()
    assert isinstance(refused, Conflict)
    assert refused.code == "client_key_reused"
    assert (batches, two_trip_batches) == ([["hi"]], [["hi"]])
    assert core.rows("SELECT count(*) FROM messages") == [(0,)]
