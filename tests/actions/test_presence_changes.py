"""The sweep: connections of a dead worker are gone for everybody, not only when their keys expire."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import redis

from chatapp.actions import presence_changes
from chatapp.events.bus import bus
from chatapp.ops import runtime
from config import load
from tests.people import Person


@pytest.fixture
def beside(environment: dict[str, str]) -> Iterator[redis.Redis]:
    """This process stands beside the server, as `worker` does; gives Redis to look with."""
    runtime.build(load(environment))
    presence_changes.sweep()  # what servers that other tests killed left behind
    with redis.Redis.from_url(environment["REDIS_URL"]) as client:
        yield client
    runtime.close()


def age(client: redis.Redis, person: Person) -> None:
    """Nobody refreshed this person's connections for longer than they count."""
    past = time.time() - 1
    for member in client.zrange("connections", 0, -1):
        if member.decode().startswith(f"{person.id}:"):
            client.zadd("connections", {member: past})
    for connection in client.zrange(f"connections:{person.id}", 0, -1):
        client.zadd(f"connections:{person.id}", {connection: past})


def test_partners_learn_that_somebody_is_gone(alice: Person, bob: Person, beside: redis.Redis) -> None:
    alice.sends("hi", to=bob)
    hers = alice.connects()
    bob.connects()
    hers.receives("user_online")
    age(beside, bob)
    assert presence_changes.sweep() == 1
    bus.publish_waiting()
    gone = hers.receives("user_offline")["payload"]
    assert (gone["user_id"], gone["last_seen"] is not None) == (bob.id, True)
    assert beside.exists(f"online:{bob.uuid}", f"ws:{bob.uuid}") == 0
    assert presence_changes.sweep() == 0


def test_who_has_another_connection_stays(alice: Person, bob: Person, beside: redis.Redis) -> None:
    alice.sends("hi", to=bob)
    hers = alice.connects()
    bob.connects()
    hers.receives("user_online")
    age(beside, bob)
    bob.connects()
    assert presence_changes.sweep() == 1
    bus.publish_waiting()
    hers.receives_no("user_offline", until=hers.pings)
    assert alice.chats()[0]["other_user"]["is_online"] is True
    assert beside.exists(f"online:{bob.uuid}") == 1
