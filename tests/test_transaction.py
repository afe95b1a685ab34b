"""The events of a transaction: stored with it, published after it, and recorded in bulk."""

from __future__ import annotations

import pytest

from chatapp.auth.actor import Actor
from chatapp.events.bus import bus
from chatapp.events.encoding import from_json
from chatapp.events.types import ChatSettingsChanged
from chatapp.models import User
from chatapp.transaction import RECORD_SPAN, record_published, unit_of_work
from tests.database import Database
from tests.query_counter import QueryCounter

RECORDED = "SELECT last_id, ids FROM outbox_published ORDER BY last_id"


def store(actor: Actor, number: int) -> ChatSettingsChanged:
    """Store an event in a transaction; returns it."""
    event = ChatSettingsChanged(recipients=(actor.id,), chat_id=number)
    with unit_of_work() as work:
        work.publish_after_commit(event)
    return event


def test_published_rows_are_recorded_by_one_statement(core: Database, actors: list[Actor]) -> None:
    events = [store(actors[0], number) for number in range(5)]
    with QueryCounter() as counter:
        record_published()
        assert counter.queries == [], "Redis has not accepted them yet"
        bus.publish_waiting()
        events.append(store(actors[0], 5))
        assert core.rows(RECORDED) == [], "a transaction records nothing"
    with QueryCounter() as counter:
        record_published()
        record_published()
        assert len(counter.queries) == 1
    assert core.rows(RECORDED) == [(5, [1, 2, 3, 4, 5])]
    stored = core.rows("SELECT events FROM outbox ORDER BY id")
    assert [event for (row,) in stored for event in from_json(row)] == events


def test_a_record_is_within_one_span(core: Database, actors: list[Actor]) -> None:
    core.change("SELECT setval('outbox_id_seq', %s)", RECORD_SPAN - 2)
    for number in range(3):
        store(actors[0], number)
    bus.publish_waiting()
    record_published()
    last = RECORD_SPAN - 1
    assert core.rows(RECORDED) == [(last, [last]), (last + 2, [last + 1, last + 2])]


def test_an_id_that_is_given_twice_is_published_again(core: Database, actors: list[Actor]) -> None:
    core.change("INSERT INTO outbox_published VALUES (2, '{2}')")
    for number in range(2):
        store(actors[0], number)
    bus.publish_waiting()
    record_published()
    assert core.rows(RECORDED) == [(2, [2])]


def test_a_transaction_that_fails_stores_and_publishes_nothing(core: Database, actors: list[Actor]) -> None:
    with pytest.raises(ZeroDivisionError), unit_of_work() as work:
        User.update(name="changed").where(User.id == actors[0].id).execute()
        work.publish_after_commit(ChatSettingsChanged(recipients=(actors[0].id,), chat_id=1))
        raise ZeroDivisionError
    assert core.rows("SELECT name FROM users WHERE id = %s", actors[0].id) == [("",)]
    bus.publish_waiting()
    with QueryCounter() as counter:
        record_published()
    assert counter.queries == []
    assert core.rows("SELECT count(*) FROM outbox") == [(0,)]
