"""Users who go offline together: what is stored and published, at the cost of one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis as redis_py

from chatapp import presence
from chatapp.actions.chats import find_or_create_chat
from chatapp.actions.departures import Departures, set_offline
from chatapp.actions.sending import send_message
from chatapp.auth.actor import Actor
from chatapp.events.bus import bus
from chatapp.events.types import PresenceChanged
from chatapp.ops import runtime
from chatapp.presence import Presence, User
from config import load
from tests.database import Database
from tests.people import Person, PersonMaker
from tests.query_counter import QueryCounter
from tests.servers import ChatServer, await_true, free_port

LAST_SEEN = "SELECT last_seen_at IS NOT NULL FROM users WHERE id = ANY(%s) ORDER BY id"


@pytest.fixture
def online(actors: list[Actor], environment: dict[str, str]) -> Iterator[list[User]]:
    """Three actors with a connection each; the first has a chat with either of the others."""
    for other in actors[1:]:
        send_message(actors[0], find_or_create_chat(actors[0], other_id=other.id), "hi")
    bus._parcels.take_all()
    connections = [Presence(actor.id, actor.uuid, f"departures-{actor.id}") for actor in actors]
    for connection in connections:
        presence.opened(connection)
    yield [connection.user for connection in connections]
    presence.closed(connections)
    with redis_py.Redis.from_url(environment["REDIS_URL"]) as client:
        client.delete(*(f"{kind}:{actor.uuid}" for kind in ("online", "last_seen") for actor in actors))


def close(*users: User) -> None:
    presence.closed([Presence(user.id, user.uuid, f"departures-{user.id}") for user in users])


def published() -> dict[int, tuple[set[int], bool]]:
    """The recipients of the offline events that wait, and whether they have a last-seen time, by user."""
    events = [event for parcel in bus._parcels.take_all() for event in parcel.events]
    assert all(isinstance(event, PresenceChanged) and not event.is_online for event in events)
    return {event.user_id: (set(event.recipients), event.last_seen is not None) for event in events}


def test_many_go_offline_at_the_cost_of_one(core: Database, online: list[User]) -> None:
    close(*online)
    with QueryCounter() as asked:
        set_offline(online)
    assert len(asked.queries) == 2, "one stores, one reads the partners"
    alice, bob, carol = (user.id for user in online)
    assert published() == {alice: ({bob, carol}, True), bob: ({alice}, True), carol: ({alice}, True)}
    assert core.rows(LAST_SEEN, [alice, bob, carol]) == [(True,)] * 3
    set_offline(online)
    assert published() == {}, "they are offline already"


def test_who_has_another_connection_stays(core: Database, online: list[User]) -> None:
    alice, bob, carol = online
    close(alice, carol)
    set_offline(online)
    assert set(published()) == {alice.id, carol.id}
    assert core.rows(LAST_SEEN, [user.id for user in online]) == [(True,), (False,), (True,)]
    assert presence.online_among([user.uuid for user in online]) == {bob.uuid}


def test_an_erased_user_is_offline_without_a_time(
    core: Database, online: list[User], environment: dict[str, str]
) -> None:
    alice, bob, _ = online
    core.change("UPDATE users SET erased_at = now() WHERE id = %s", bob.id)
    close(alice, bob)
    set_offline([alice, bob])
    assert {user_id: has_time for user_id, (_, has_time) in published().items()} == {alice.id: True, bob.id: False}
    assert core.rows(LAST_SEEN, [bob.id]) == [(False,)]
    with redis_py.Redis.from_url(environment["REDIS_URL"]) as client:
        assert [client.exists(f"last_seen:{user.uuid}") for user in (alice, bob)] == [1, 0]


def test_all_who_are_cut_off_together_are_shown_offline(server: ChatServer, make_person: PersonMaker) -> None:
    alice = make_person("alice")
    others: list[Person] = [make_person(f"person{number}") for number in range(20)]
    for other in others:
        alice.sends("hi", to=other)
    listening = alice.connects()
    sockets = [other.connects() for other in others]
    for other in others:
        listening.receives("user_online", user_id=other.id)
    for socket in sockets:
        socket.closes()
    gone = [listening.receives("user_offline")["payload"] for _ in others]
    assert sorted(one["user_id"] for one in gone) == sorted(other.id for other in others)
    assert all(one["last_seen"] for one in gone)
    await_true(lambda: not any(chat["other_user"]["is_online"] for chat in alice.chats(limit=100)))


@pytest.fixture
def without_redis(core: Database, online: list[User], environment: dict[str, str]) -> Iterator[list[User]]:
    """Users who are online, in a process that reaches no Redis."""
    runtime.build(load({**environment, "DATABASE_URL": core.url, "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0"}))
    yield online
    runtime.build(load({**environment, "DATABASE_URL": core.url}))


def test_without_redis_closed_connections_are_left_to_the_sweep(without_redis: list[User], core: Database) -> None:
    departures = Departures()
    closed = [(Presence(user.id, user.uuid, f"departures-{user.id}"), 0.0) for user in without_redis]
    departures._record(closed)
    assert (departures._leaving, departures._greenlet) == ([], None)
    assert core.rows(LAST_SEEN, [user.id for user in without_redis]) == [(False,)] * 3


def test_without_redis_due_users_are_logged(without_redis: list[User], caplog: pytest.LogCaptureFixture) -> None:
    departures = Departures()
    departures._leaving = [(0.0, user) for user in without_redis]
    departures._set_due_offline()
    ((message, users),) = [(record.message, vars(record)["users"]) for record in caplog.records]
    assert (message, users) == ("offline status not published", 3)
    assert departures._leaving == []
