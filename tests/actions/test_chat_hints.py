"""Messages to a user or about an item take as many queries as messages to a chat id, and reach the right chat."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cachetools import LRUCache

from chatapp.actions import chat_hints, items
from chatapp.actions.chats import Target
from chatapp.actions.erasure.requests import erase_person
from chatapp.actions.removal import delete_chat
from chatapp.actions.sending import send_to
from chatapp.auth.actor import Actor
from chatapp.errors import Invalid, NotFound
from chatapp.events.snapshots import MessageSnapshot
from tests.database import Database
from tests.query_counter import QueryCounter


def send(actor: Actor, target: Target) -> MessageSnapshot:
    return send_to(actor, target, "hi", strict_items=True)


@pytest.fixture
def bicycle(actors: list[Actor]) -> Callable[[Actor | None], Target]:
    """Inserts an item of a seller; returns the target of a message about it."""

    def sold_by(seller: Actor | None) -> Target:
        items.put_item("listing", 7, {"title": "a bicycle", "seller": seller and seller.id})
        return Target(listing_id=7)

    return sold_by


@pytest.mark.parametrize("about_item", [False, True])
def test_the_second_message_takes_the_queries_of_one_by_chat_id(
    actors: list[Actor], bicycle: Callable[[Actor | None], Target], about_item: bool
) -> None:
    alice, bob, _ = actors
    target = bicycle(bob) if about_item else Target(other_id=bob.id)
    first = send(alice, target)
    with QueryCounter() as by_chat_id:
        send(alice, Target(first.chat_id))
    with QueryCounter() as by_target:
        second = send(alice, target)
    assert (second.chat_id, second.seq) == (first.chat_id, 3)
    assert [sql for sql, _ in by_target.queries] == [sql for sql, _ in by_chat_id.queries]


def test_the_least_recently_used_hints_are_dropped(actors: list[Actor], monkeypatch: pytest.MonkeyPatch) -> None:
    alice, bob, carol = actors
    hints: LRUCache[tuple[int, Target], int] = LRUCache(1)
    monkeypatch.setattr(chat_hints, "hints", lambda: hints)
    chat_id = send(alice, Target(other_id=bob.id)).chat_id
    assert chat_hints.recall(alice, Target(other_id=bob.id)) == chat_id
    send(alice, Target(other_id=carol.id))
    assert chat_hints.recall(alice, Target(other_id=bob.id)) is None


def test_a_deleted_chat_is_created_again(actors: list[Actor]) -> None:
    alice, bob, _ = actors
    first = send(alice, Target(other_id=bob.id))
    delete_chat(bob, first.chat_id)
    second = send(alice, Target(other_id=bob.id))
    assert second.chat_id != first.chat_id and second.seq == 1


def test_an_erased_receiver_is_not_found(core: Database, actors: list[Actor]) -> None:
    alice, bob, _ = actors
    send(alice, Target(other_id=bob.id))
    erase_person(bob.id)
    with pytest.raises(NotFound, match="receiver_not_found"):
        send(alice, Target(other_id=bob.id))
    assert core.rows("SELECT count(*) FROM messages") == [(1,)]


def test_an_item_with_a_new_seller_leads_to_that_seller(
    actors: list[Actor], bicycle: Callable[[Actor | None], Target]
) -> None:
    alice, bob, carol = actors
    first = send(alice, bicycle(bob))
    second = send(alice, bicycle(carol))
    assert second.chat_id != first.chat_id
    assert second.counterpart is not None and second.counterpart.id == carol.id
    with pytest.raises(NotFound, match="receiver_not_found"):
        send(alice, Target(other_id=bob.id, listing_id=7))


def test_an_item_that_the_sender_sells_now_needs_a_receiver(
    actors: list[Actor], bicycle: Callable[[Actor | None], Target]
) -> None:
    alice, bob, _ = actors
    first = send(alice, bicycle(bob))
    with pytest.raises(Invalid):
        send(alice, bicycle(alice))
    assert send(alice, Target(other_id=bob.id, listing_id=7)).chat_id == first.chat_id


def test_an_item_whose_seller_became_unknown_needs_a_receiver(
    actors: list[Actor], bicycle: Callable[[Actor | None], Target]
) -> None:
    alice, bob, _ = actors
    send(alice, bicycle(bob))
    with pytest.raises(Invalid, match="receiver_required"):
        send(alice, bicycle(None))
