"""Sockets of revoked users close on every server, also while Redis is unavailable; others stay open."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.flows.outages.conftest import Fragile
from tests.host import Host
from tests.people import Person, Socket
from tests.servers import ChatServer, await_true

WITHIN = 60  # seconds that a test waits; docs/operations.md promises 30 on a machine that is not busy


@pytest.fixture(scope="module")
def elsewhere(fragile: Fragile, start_server: Callable[..., ChatServer]) -> Iterator[ChatServer]:
    """A second server next to the first."""
    names = ("DATABASE_URL", "REDIS_URL", "DATABASE_WAIT")
    server = start_server(**{name: fragile.server.environment[name] for name in names})
    yield server
    server.stop()


@pytest.fixture
def sockets(friends: tuple[Person, Person], elsewhere: ChatServer) -> tuple[Socket, Socket]:
    """A socket of each of the two friends on the second server."""
    alice, bob = (person.connects(elsewhere) for person in friends)
    return alice, bob


@pytest.fixture
def redis_away(fragile: Fragile, sockets: tuple[Socket, Socket]) -> Iterator[None]:
    fragile.redis.kill()
    yield
    fragile.redis.start()
    await_true(lambda: fragile.server.get("/api/v1/health").json["status"] == "ok")


def log_out(person: Person) -> None:
    assert person.server.post("/api/v1/auth/logout", token=person.token).status == 200


def erase(person: Person) -> None:
    Host(person.server).erases(person)


@pytest.mark.usefixtures("redis_away")
@pytest.mark.parametrize("send_away", [log_out, erase])
def test_they_are_closed_on_another_server_while_redis_is_away(
    friends: tuple[Person, Person], sockets: tuple[Socket, Socket], send_away: Callable[[Person], None]
) -> None:
    send_away(friends[0])
    assert sockets[0].close_code(within=WITHIN) == 4401
    assert sockets[1].pings()


def test_they_are_closed_if_the_event_is_lost(
    fragile: Fragile, friends: tuple[Person, Person], sockets: tuple[Socket, Socket]
) -> None:
    """Only Postgres has the revocation: the event was lost although Redis is up."""
    fragile.database.change("UPDATE users SET banned_at = now() WHERE id = %s", friends[0].id)
    assert sockets[0].close_code(within=WITHIN) == 4401
    assert sockets[1].pings()


@pytest.mark.usefixtures("redis_away")
def test_no_socket_is_closed_while_postgres_is_away_as_well(
    fragile: Fragile, elsewhere: ChatServer, sockets: tuple[Socket, Socket]
) -> None:
    def has_asked_in_vain() -> bool:
        return "account status not checked" in elsewhere.log.read_text()

    fragile.postgres.kill()
    try:
        await_true(has_asked_in_vain, within=WITHIN)
        assert all(socket.pings() for socket in sockets)
    finally:
        fragile.postgres.start()
    await_true(lambda: fragile.server.get("/api/v1/health").json["status"] != "down")
