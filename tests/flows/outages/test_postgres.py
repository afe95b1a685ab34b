"""Postgres stops, returns, or refuses: every sender gets a response soon, and nothing is lost or doubled."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from tests.flows.outages.conftest import Fragile
from tests.people import Person, PersonMaker
from tests.servers import Reply, await_true

CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'chatapp' AND datname = %s"


def send(person: Person, to: Person, content: str, key: str | None = None) -> Reply:
    """Send, and take whatever is answered."""
    headers = {"Idempotency-Key": key} if key else {}
    return person.posts("/messages", {"receiver_id": to.id, "content": content}, **headers)


def contents(person: Person, other: Person) -> list[str]:
    """All texts between two people, oldest first."""
    found = person.gets("/messages", receiver_id=other.id, limit=100).data["messages"]
    return [message["content"] for message in reversed(found)]


def test_no_sender_notices_that_connections_are_cut(fragile: Fragile, friends: tuple[Person, Person]) -> None:
    alice, bob = friends
    chat_id = alice.chats()[0]["id"]
    hers, his = alice.connects(), bob.connects()
    for number in range(10):
        fragile.database.rows(CUT, "chatapp")
        frame = {"chat_id": chat_id, "content": f"m{number}", "client_message_id": f"cut-{number}"}
        assert hers.requests(frame, "message_ack")["message"]["seq"] == number + 2
    assert [frame["message"]["content"] for frame in his.receives_all("new_message", 10)] == [
        f"m{n}" for n in range(10)
    ]


def test_a_restart_loses_and_doubles_nothing(fragile: Fragile, friends: tuple[Person, Person]) -> None:
    alice, bob = friends

    def sends_until_it_is_there(number: int) -> str:
        replies: list[Reply] = []

        def is_there() -> bool:
            replies.append(send(alice, bob, f"m{number}", key=f"restart-{number}"))
            assert replies[-1].status in (200, 503), replies[-1].text
            return replies[-1].status == 200

        await_true(is_there)
        return str(replies[-1].data["content"])

    with ThreadPoolExecutor(8) as pool:
        sent = pool.map(sends_until_it_is_there, range(60))
        fragile.postgres.restart()
    stored = alice.gets("/messages", receiver_id=bob.id, limit=100).data["messages"]
    assert sorted(message["content"] for message in stored) == sorted(["before", *sent])
    assert [message["seq"] for message in reversed(stored)] == list(range(1, 62))


def test_while_it_is_away_all_that_wait_are_told_at_once(fragile: Fragile, friends: tuple[Person, Person]) -> None:
    alice, bob = friends
    chat_id = alice.chats()[0]["id"]
    sockets = [alice.connects() for _ in range(8)]
    fragile.postgres.kill()
    try:
        for number, socket in enumerate(sockets):
            socket.sends({"chat_id": chat_id, "content": "lost", "client_message_id": f"away-{number}"})
        with ThreadPoolExecutor(8) as pool:
            replies = list(pool.map(lambda number: send(alice, bob, f"lost {number}"), range(24)))
        errors = [socket.receives("error") for socket in sockets]
        assert {(reply.status, reply.error) for reply in replies} == {(503, "marketplace.databaseUnavailable")}
        assert all(int(reply.headers["Retry-After"]) >= 1 for reply in replies)
        assert [error["client_message_id"] for error in errors] == [f"away-{number}" for number in range(8)]
        assert {(error["error"], error["retry_after"]) for error in errors} == {("marketplace.databaseUnavailable", 2)}
    finally:
        fragile.postgres.start()
    await_true(lambda: send(alice, bob, "back", key="back").status == 200)
    assert contents(alice, bob) == ["before", "back"]
    for socket in sockets:
        assert socket.receives("new_message")["message"]["content"] == "back"


@pytest.fixture
def poison(fragile: Fragile) -> Iterator[str]:
    """A text that Postgres refuses, as a defect of ours would make it do."""
    fragile.database.change("ALTER TABLE messages ADD CONSTRAINT poison CHECK (content <> 'poison')")
    yield "poison"
    fragile.database.change("ALTER TABLE messages DROP CONSTRAINT poison")


def test_a_message_that_cannot_be_stored_hurts_no_neighbour(
    fragile: Fragile, make_person: PersonMaker, poison: str
) -> None:
    senders = [make_person(f"s{number}") for number in range(12)]
    bob = make_person("bob")
    for sender in senders:
        sender.sends("before", to=bob)
    sockets = [sender.connects() for sender in senders]
    # Locked until all wait, so that they meet in one group whatever the machine's pace.
    with fragile.database.holding("SELECT 1 FROM chats FOR UPDATE"):
        for number, socket in enumerate(sockets):
            socket.sends({"receiver_id": bob.id, "content": poison if number == 5 else "good"})
        for socket in sockets:
            socket.sends({"type": "ping"})
    for number, socket in enumerate(sockets):
        answer = socket.receives_any("message_ack", "error")
        expected = ("error", "marketplace.internalError") if number == 5 else ("message_ack", None)
        assert (answer["type"], answer.get("error")) == expected
    reply = send(senders[5], bob, poison, key="bad")
    assert (reply.status, reply.error) == (500, "marketplace.internalError")
    assert contents(senders[5], bob) == ["before"]
    assert send(senders[5], bob, "good", key="bad").status == 200, "a refused message leaves its key free"


def test_who_leaves_meanwhile_is_offline_all_the_same(fragile: Fragile, friends: tuple[Person, Person]) -> None:
    alice, bob = friends
    his = bob.connects()
    fragile.postgres.kill()
    try:
        his.closes()
        with redis.Redis.from_url(fragile.redis.url) as presence:
            await_true(lambda: not presence.exists(f"online:{bob.uuid}"))
        await_true(lambda: fragile.logged("offline status not published"))
    finally:
        fragile.postgres.start()
    await_true(lambda: alice.gets("").status == 200)
    assert alice.chats()[0]["other_user"]["is_online"] is False
