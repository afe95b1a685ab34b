"""Recent queries, and removal from the index."""

from __future__ import annotations

from chatapp.actions import search
from chatapp.auth.actor import Actor
from chatapp.transaction import unit_of_work
from tests.database import Database


def test_recent_queries_are_few_and_each_once(core: Database, actors: list[Actor]) -> None:
    for number in range(search.RECENT + 3):
        search.remember_query(actors[0], f"query {number}")
    search.remember_query(actors[0], "query 5")
    search.remember_query(actors[1], "another's")
    rows = core.rows("SELECT query FROM recent_searches WHERE user_id = %s ORDER BY searched_at DESC", actors[0].id)
    assert len(rows) == search.RECENT
    assert rows[0] == ("query 5",)
    assert ("query 2",) not in rows


def test_forgetting_nothing(core: Database) -> None:
    with unit_of_work():
        search.forget_messages([])
    assert core.rows("SELECT FROM search_erasures") == []


def test_a_message_that_is_not_indexed_yet_is_remembered_as_erased(core: Database) -> None:
    with unit_of_work():
        search.forget_messages([7, 8])
    assert core.rows("SELECT message_id FROM search_erasures ORDER BY 1") == [(7,), (8,)]
