"""The sweep publishes that the users of a crashed worker are offline."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import redis

from chatapp import presence
from chatapp.actions import presence_changes
from chatapp.auth.actor import Actor
from chatapp.events.bus import bus
from chatapp.events.types import ConnectionReplaced
from chatapp.ops import runtime
from chatapp.presence import Presence
from config import load
from tests.database import Database
from tests.people import Person
from tests.servers import free_port


@pytest.fixture
def redis_client(environment: dict[str, str]) -> Iterator[redis.Redis]:
    """Lets this process act as the `worker` of the server; returns a Redis client."""
    runtime.build(load(environment))
    presence_changes.sweep()  # connections that killed servers of other tests left
    with redis.Redis.from_url(environment["REDIS_URL"]) as client:
        yield client
    runtime.close()


def age(client: redis.Redis, person: Person) -> None:
    """Let the user's connections expire."""
    past = time.time() - 1
    for member in client.zrange("connections", 0, -1):
        if member.decode().startswith(f"{person.id}:"):
            client.zadd("connections", {member: past})
    for connection in client.zrange(f"connections:{person.id}", 0, -1):
        client.zadd(f"connections:{person.id}", {connection: past})


def test_partners_see_that_a_user_is_offline(alice: Person, bob: Person, redis_client: redis.Redis) -> None:
    alice.sends("hi", to=bob)
    hers = alice.connects()
    bob.connects()
    hers.receives("user_online")
    age(redis_client, bob)
    assert presence_changes.sweep() == 1
    bus.publish_waiting()
    gone = hers.receives("user_offline")["payload"]
    assert (gone["user_id"], gone["last_seen"] is not None) == (bob.id, True)
    assert redis_client.exists(f"online:{bob.uuid}", f"ws:{bob.uuid}") == 0
    assert presence_changes.sweep() == 0


def test_a_user_with_another_connection_stays_online(alice: Person, bob: Person, redis_client: redis.Redis) -> None:
    alice.sends("hi", to=bob)
    hers = alice.connects()
    bob.connects()
    hers.receives("user_online")
    age(redis_client, bob)
    bob.connects()
    assert presence_changes.sweep() == 1
    bus.publish_waiting()
    hers.receives_no("user_offline", until=hers.pings)
    assert alice.chats()[0]["other_user"]["is_online"] is True
    assert redis_client.exists(f"online:{bob.uuid}") == 1


def test_a_socket_opens_without_redis(core: Database, actors: list[Actor], environment: dict[str, str]) -> None:
    runtime.build(load({**environment, "DATABASE_URL": core.url, "REDIS_URL": "redis://127.0.0.1:1"}))
    presence_changes.connected(actors[0], "socket", max_connections=1)
    assert len(bus._parcels) == 0  # neither presence nor a replaced connection is published


def test_without_redis_an_opened_socket_is_left_to_its_heartbeat(
    actors: list[Actor], environment: dict[str, str], core: Database
) -> None:
    alice = actors[0]
    runtime.build(load({**environment, "DATABASE_URL": core.url, "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0"}))
    presence_changes.connected(alice, "first", max_connections=1)
    assert bus._parcels.take_all() == [], "not published as online"


def test_one_socket_too_many_replaces_the_oldest(actors: list[Actor]) -> None:
    alice = actors[0]
    bus._parcels.take_all()
    for connection in ("first", "second"):
        presence_changes.connected(alice, connection, max_connections=1)
    events = [event for parcel in bus._parcels.take_all() for event in parcel.events]
    assert [event.connection_id for event in events if isinstance(event, ConnectionReplaced)] == ["first"]
    presence.closed([Presence(alice.id, alice.uuid, connection) for connection in ("first", "second")])
