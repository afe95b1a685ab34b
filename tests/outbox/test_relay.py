"""The relay publishes what a worker committed but could not publish, within five seconds."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from redis.exceptions import RedisError

from chatapp.events.bus import bus
from chatapp.infra.postgres import database_connection, db
from chatapp.ops import runtime
from chatapp.outbox import positions
from chatapp.outbox.relay import Relay
from config import load
from tests.database import Database
from tests.ops.worker.test_process import Start
from tests.outbox.conftest import relay, write
from tests.people import CHAT, Person
from tests.query_counter import QueryCounter
from tests.servers import ChatServer, await_true

NOWHERE = "redis://127.0.0.1:1"
POSITION = "SELECT position FROM outbox_consumers WHERE name = 'relay'"
AGE = "UPDATE outbox SET created_at = created_at - make_interval(secs => %s)"


@pytest.fixture
def outbox(core: Database) -> Database:
    """An outbox whose first rows this process has committed and not published."""
    for version in range(1, 4):
        write((1, version))
    bus._parcels.take_all()
    return core


def test_a_message_whose_worker_died_before_publishing_it_is_received_once(
    alice: Person,
    bob: Person,
    environment: dict[str, str],
    database: Database,
    start_server: Callable[..., ChatServer],
    start_worker: Start,
) -> None:
    first = alice.sends("before", to=bob)
    his = bob.connects()
    worker = start_worker(DATABASE_URL=environment["DATABASE_URL"])
    worker.says("leading")
    cut_off = start_server(REDIS_URL=NOWHERE)  # commits, and cannot publish
    body = {"chat_id": first["chat_id"], "content": "in the dark", "client_message_id": "dark"}
    sent = cut_off.post(f"{CHAT}/messages", token=alice.token, json=body).data
    cut_off.stop(signal.SIGKILL)

    frame = his.receives("new_message")
    assert (frame["message"], frame["version"]) == (sent, first["version"] + 1)
    worker.says("relayed")
    # It is published until it is too old to have been missed; still it is received once.
    waiting = f"SELECT count(*) FROM outbox WHERE id > ({POSITION}) AND events LIKE %s"
    await_true(lambda: database.rows(waiting, f"%{sent['id']}%") == [(0,)])
    his.receives_no("new_message", until=his.pings)
    worker.ends(signal.SIGTERM)


def test_a_running_worker_has_time_to_record_its_rows(outbox: Database) -> None:
    assert relay() == 0
    assert outbox.rows(POSITION) == [(0,)]
    outbox.change("INSERT INTO outbox_published VALUES (2, '{1, 2}')")
    assert relay() == 0
    assert outbox.rows(POSITION) == [(2,)], "it has passed what is recorded"


def test_it_publishes_until_every_worker_has_resubscribed(outbox: Database) -> None:
    outbox.change(AGE, 3)
    assert [relay(), relay()] == [3, 3]
    assert outbox.rows(POSITION) == [(0,)]
    outbox.change(AGE, 3)
    assert [relay(), relay()] == [3, 0]
    assert outbox.rows(POSITION) == [(3,)]


def test_a_row_of_the_future_holds_up_no_other(outbox: Database) -> None:
    outbox.change(AGE, 10)
    outbox.change("UPDATE outbox SET created_at = now() + interval '1 hour' WHERE id = 1")
    assert relay() == 3
    assert outbox.rows(POSITION) == [(3,)]


def test_events_wait_while_redis_is_away(outbox: Database, environment: dict[str, str]) -> None:
    outbox.change(AGE, 10)
    runtime.build(load({**environment, "DATABASE_URL": outbox.url, "REDIS_URL": NOWHERE}))
    with pytest.raises(RedisError):
        relay()
    assert outbox.rows(POSITION) == [(0,)]
    runtime.build(load({**environment, "DATABASE_URL": outbox.url}))
    assert relay() == 3
    assert outbox.rows(POSITION) == [(3,)]


def test_a_row_that_cannot_be_read_is_set_aside_and_the_others_are_published(outbox: Database) -> None:
    outbox.change("UPDATE outbox SET events = %s WHERE id = 2", '[["chat_deleted", {}]]')
    outbox.change(AGE, 10)
    assert relay() == 3
    assert outbox.rows(POSITION) == [(3,)]
    assert outbox.rows("SELECT consumer, outbox_id FROM outbox_failures") == [("relay", 2)]


def test_a_backlog_is_published_little_by_little(outbox: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Relay, "rows_per_run", 2)
    outbox.change(AGE, 10)
    assert [relay(), relay(), relay()] == [2, 1, 0]


def test_either_release_leaves_to_the_other_what_it_does_not_handle(outbox: Database) -> None:
    """The release before sets a time in what it has published, and looks for rows without one."""
    by_the_release_before = "INSERT INTO outbox (events) SELECT events FROM outbox WHERE id = 1 RETURNING id"
    outbox.change(by_the_release_before)
    outbox.change("UPDATE outbox SET published_at = now() WHERE published_at IS NULL")
    outbox.change(by_the_release_before)
    outbox.change(AGE, 10)
    assert relay() == 4
    assert outbox.rows("SELECT id FROM outbox WHERE published_at IS NULL") == [(5,)]


def test_published_rows_are_passed_a_span_at_a_time(outbox: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    span = 50
    monkeypatch.setattr(positions, "RECORD_SPAN", span)
    outbox.change("INSERT INTO outbox (events, published_at) SELECT '[]', 'infinity' FROM generate_series(4, 1000)")
    outbox.change("DELETE FROM outbox WHERE id BETWEEN 120 AND 480")
    outbox.change(
        "INSERT INTO outbox_published SELECT max(id), array_agg(id) FROM outbox WHERE id NOT IN (2, 777)"
        " GROUP BY id / %s, id %% 2",
        span,
    )
    outbox.change(AGE, 10)
    with QueryCounter() as asked:
        assert relay() == 2
    assert outbox.rows(POSITION) == [(1000,)]
    read = [values for sql, values in asked.queries if "bytes_before" in sql]
    assert len(read) < 20
    assert max(values["last"] - values["first"] for values in read) < span


def test_it_reads_only_rows_after_its_position(outbox: Database) -> None:
    """By the primary key, without the indexes that the release before needs."""
    outbox.change("DROP INDEX outbox_unpublished, outbox_unhanded")
    outbox.change("INSERT INTO outbox (events, published_at) SELECT '[]', 'infinity' FROM generate_series(1, 5000)")
    outbox.change("INSERT INTO outbox_published SELECT id, ARRAY[id] FROM outbox WHERE id < 5000")
    outbox.change("UPDATE outbox_consumers SET position = 4990")
    outbox.change("ANALYZE outbox, outbox_published")
    outbox.change(AGE, 10)
    with QueryCounter() as asked:
        assert relay() == 4
    ((sql, values), *_) = [(sql, values) for sql, values in asked.queries if "bytes_before" in sql]
    with database_connection():
        (((plan,),),) = db.execute_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", values).fetchall()
    assert max(rows_of(plan["Plan"])) <= 13


def rows_of(node: dict[str, Any]) -> Iterator[int]:
    """The rows that each step of a plan reads."""
    yield node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    for child in node.get("Plans", []):
        yield from rows_of(child)
