"""Redis goes: chat goes on, presence is rebuilt."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.flows.outages.conftest import Fragile
from tests.people import Person, Socket
from tests.servers import await_true


@pytest.fixture
def redis_away(fragile: Fragile, friends: tuple[Person, Person]) -> Iterator[None]:
    """Redis is killed after the two made friends, and back for the next test."""
    fragile.redis.kill()
    yield
    fragile.redis.start()
    alice, _ = friends
    probe = alice.connects()
    await_true(lambda: fragile.server.get("/api/v1/health").json["status"] == "ok")
    probe.closes()


def by_token(person: Person) -> Socket:
    """A socket opened by an access token."""
    socket = Socket(person.server, query=f"?token={person.token}")
    person.sockets.append(socket)
    socket.receives("connected")
    return socket


@pytest.mark.usefixtures("redis_away")
def test_sockets_open_hear_and_close_without_it(friends: tuple[Person, Person]) -> None:
    alice, bob = friends
    hers, his = by_token(alice), by_token(bob)
    sent = hers.requests({"receiver_id": bob.id, "content": "still here"}, "message_ack")["message"]
    assert his.receives("new_message")["message"] == sent
    his.sends({"type": "mark_read", "message_id": sent["id"]})
    assert hers.receives("message_read")["up_to_seq"] == sent["seq"]
    assert hers.requests({"type": "get_online_users"}, "online_users_list")["payload"] == {"users": []}
    his.closes()
    hers.pings()
    assert [chat["other_user"]["is_online"] for chat in alice.chats()] == [False]
    by_token(bob).pings()


def test_who_left_just_before_it_went_is_told_to_nobody(fragile: Fragile, friends: tuple[Person, Person]) -> None:
    alice, bob = friends
    hers, his = alice.connects(), bob.connects()
    hers.receives("user_online")
    his.closes()
    fragile.redis.kill()
    try:
        # Longer than the grace, by what the server answers in between.
        for _ in range(10):
            alice.sends("anybody?", to=bob)
        hers.receives_no("user_offline", until=hers.pings)
    finally:
        fragile.redis.start()
    await_true(lambda: alice.chats()[0]["other_user"]["is_online"] is False)
