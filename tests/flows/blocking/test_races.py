"""Blocks against concurrent actions on two workers: each action is before or after the block."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.database import Database
from tests.flows.live.workers import on_each_worker
from tests.host import Host
from tests.people import Person, PersonMaker, Socket
from tests.servers import ChatServer

pytestmark = pytest.mark.usefixtures("consistent")
ROUNDS = 10


@pytest.fixture
def people(make_person: PersonMaker, two_workers: ChatServer) -> tuple[Person, Person]:
    """Two users of the server with two workers."""
    return make_person("alice", server=two_workers), make_person("bob", server=two_workers)


def at_once(*actions: Callable[[], Any]) -> list[Any]:
    """Run actions at the same moment; returns their results."""
    barrier = threading.Barrier(len(actions))

    def run(action: Callable[[], Any]) -> Any:
        barrier.wait()
        return action()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def send_until_refused(socket: Socket, chat_id: int, name: str) -> list[int]:
    """Send until a block refuses it; returns the acknowledged ids, none of them after the refusal."""
    acknowledged = []
    for number in range(1000):
        socket.sends({"chat_id": chat_id, "content": f"{name} {number}", "client_message_id": f"{name} {number}"})
        answer = socket.receives_any("message_ack", "error")
        if answer["type"] == "error":
            assert answer["error"] == "marketplace.blocked"
            return acknowledged
        acknowledged.append(answer["message"]["id"])
    raise AssertionError("the block never came")


def test_nothing_is_stored_after_the_block(people: tuple[Person, Person], database: Database) -> None:
    alice, bob = people
    chat_id = alice.sends("begins", to=bob)["chat_id"]
    hers, his = on_each_worker(alice, alice.server), on_each_worker(bob, bob.server)
    last_seq = "SELECT last_seq FROM chats WHERE id = %s"
    for round in range(ROUNDS):
        names = [f"{round} {number}" for number in range(4)]
        with ThreadPoolExecutor(4) as pool:
            sending = [
                pool.submit(send_until_refused, socket, chat_id, name)
                for socket, name in zip([*hers, *his], names, strict=True)
            ]
            bob.blocks(alice)
            ((at_block,),) = database.rows(last_seq, chat_id)
            acknowledged = [id for sent in sending for id in sent.result()]
        assert database.rows(last_seq, chat_id) == [(at_block,)]
        stored = database.rows(
            "SELECT id FROM messages WHERE chat_id = %s AND client_key LIKE %s", chat_id, f"{round} %"
        )
        assert sorted(acknowledged) == sorted(id for (id,) in stored)
        bob.unblocks(alice)


def test_concurrent_block_and_first_message_are_serialised(make_person: PersonMaker, two_workers: ChatServer) -> None:
    host = Host(two_workers)
    for _ in range(ROUNDS):
        alice, bob = make_person("alice", server=two_workers), make_person("bob", server=two_workers)
        listing = host.lists("Lamp", seller=bob)
        bodies = [{"receiver_id": bob.id}, {"listing_id": listing}]
        replies = at_once(
            lambda alice=alice, bob=bob: bob.blocks(alice),
            *(lambda body=body, alice=alice: alice.posts("/messages", {**body, "content": "hi"}) for body in bodies),
        )[1:]
        assert {reply.status for reply in replies} <= {200, 403}
        for body in bodies:
            assert alice.posts("/messages", {**body, "content": "again"}).error == "marketplace.blocked"


def test_concurrent_blocks_and_unblocks_stay_consistent(
    people: tuple[Person, Person], make_person: PersonMaker, database: Database
) -> None:
    alice, bob = people
    host = Host(alice.server)
    chats = [alice.sends("hi", listing_id=host.lists("Lamp", seller=bob))["chat_id"] for _ in range(5)]
    for _ in range(ROUNDS):
        at_once(lambda: alice.blocks(bob), lambda: bob.blocks(alice), lambda: alice.blocks(bob))
        places = "SELECT count(*) FROM chat_members WHERE chat_id = ANY(%s) AND receipts_to IS NULL"
        assert database.rows(places, chats) == [(0,)]
        at_once(lambda: alice.unblocks(bob), lambda: bob.unblocks(alice))
        assert database.rows(places, chats) == [(10,)]
    assert alice.sends("again", chat_id=chats[0])["seq"] == 2


def test_reading_during_a_block_is_before_or_after_it(people: tuple[Person, Person], database: Database) -> None:
    alice, bob = people
    for _ in range(ROUNDS):
        message = alice.sends("hi", to=bob)
        at_once(lambda message=message: bob.reads(message), lambda: alice.blocks(bob))
        ((frozen, read),) = database.rows(
            "SELECT receipts_to, last_read_seq FROM chat_members WHERE user_id = %s", bob.id
        )
        assert read == message["seq"] and frozen in (read, read - 1)
        assert alice.history(message["chat_id"])[0]["is_read"] is (frozen == read)
        alice.unblocks(bob)
        assert alice.history(message["chat_id"])[0]["is_read"] is True
