"""The events of a transaction: stored with it, published after it, and marked in bulk."""

from __future__ import annotations

import pytest

from chatapp.auth.actor import Actor
from chatapp.events.bus import bus
from chatapp.events.types import ChatSettingsChanged, from_json
from chatapp.models import User
from chatapp.transaction import mark_published, unit_of_work
from tests.database import Database
from tests.query_counter import QueryCounter

UNMARKED = "SELECT count(*) FROM outbox WHERE published_at IS NULL"


def store(actor: Actor, number: int) -> ChatSettingsChanged:
    """Store an event in a transaction; returns it."""
    event = ChatSettingsChanged(recipients=(actor.id,), chat_id=number)
    with unit_of_work() as work:
        work.publish_after_commit(event)
    return event


def test_published_rows_are_marked_by_one_statement(core: Database, actors: list[Actor]) -> None:
    mark_published()  # what other tests of this process have published
    events = [store(actors[0], number) for number in range(5)]
    with QueryCounter() as counter:
        mark_published()
        assert counter.queries == [], "Redis has not accepted them yet"
        bus.publish_waiting()
        events.append(store(actors[0], 5))
        assert core.rows(UNMARKED) == [(6,)], "a transaction marks no rows of others"
    with QueryCounter() as counter:
        mark_published()
        mark_published()
        assert len(counter.queries) == 1
    assert core.rows(UNMARKED) == [(1,)]
    stored = core.rows("SELECT events FROM outbox ORDER BY id")
    assert [event for (row,) in stored for event in from_json(row)] == events


def test_a_transaction_that_fails_stores_and_publishes_nothing(core: Database, actors: list[Actor]) -> None:
    mark_published()
    with pytest.raises(ZeroDivisionError), unit_of_work() as work:
        User.update(name="changed").where(User.id == actors[0].id).execute()
        work.publish_after_commit(ChatSettingsChanged(recipients=(actors[0].id,), chat_id=1))
        raise ZeroDivisionError
    assert core.rows("SELECT name FROM users WHERE id = %s", actors[0].id) == [("",)]
    bus.publish_waiting()
    with QueryCounter() as counter:
        mark_published()
    assert counter.queries == []
    assert core.rows("SELECT count(*) FROM outbox") == [(0,)]
