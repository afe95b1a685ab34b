"""Suggestions: own recent queries, and the names of own chats and items."""

from __future__ import annotations

from chatapp.actions import search, sending
from chatapp.actions.chats import find_or_create_chat
from chatapp.actions.groups.creation import create_group
from chatapp.actions.groups.people import Named
from chatapp.auth.actor import Actor
from chatapp.infra.postgres import database_connection
from chatapp.queries.search_suggestions import MOST, suggestions
from tests.database import Database


def suggested(actor: Actor, beginning: str) -> list[tuple[str, str]]:
    with database_connection():
        return [(each.kind, each.text) for each in suggestions(actor, beginning)]


def test_recent_queries(core: Database, actors: list[Actor]) -> None:
    alice, bob, _ = actors
    for query in ("велосипед синий", "good bike", "book"):
        search.remember_query(alice, query)
    assert suggested(alice, "") == [("query", "book"), ("query", "good bike"), ("query", "велосипед синий")]
    assert suggested(alice, "b") == [("query", "book"), ("query", "good bike")]
    assert suggested(alice, "Sinij") == [("query", "велосипед синий")]
    assert suggested(bob, "") == []


def test_names_of_chats_and_items(core: Database, actors: list[Actor]) -> None:
    alice, bob, carol = actors
    core.change("INSERT INTO items (kind, id, title, seller_id) VALUES ('listing', 5, 'Bobby car', %s)", carol.id)
    sending.send_message(alice, find_or_create_chat(alice, other_id=bob.id), "secret words")
    about = find_or_create_chat(alice, listing_id=5)
    sending.send_message(alice, about, "hello")
    assert sorted(suggested(alice, "bob")) == [("chat", "bob"), ("item", "Bobby car")]
    assert suggested(alice, "ob") == suggested(alice, "secret") == suggested(bob, "bobby") == []


def test_titles_of_groups(core: Database, actors: list[Actor]) -> None:
    alice, bob, carol = actors
    create_group(alice, "Bicycle tours", Named(ids=[bob.id]))
    assert suggested(alice, "tou") == suggested(bob, "bicy") == [("chat", "Bicycle tours")]
    assert suggested(carol, "tou") == []


def test_each_suggestion_once_and_a_bounded_number(core: Database, actors: list[Actor]) -> None:
    for number in range(MOST + 5):
        search.remember_query(actors[0], f"word {number}")
    found = suggested(actors[0], "word")
    assert len(found) == len(set(found)) == MOST
