"""chatapp on a Postgres and a Redis of its own, which the tests stop, kill and start again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from chatapp.ops import runtime
from deploy.embedded import PostgresServer, RedisServer
from tests.commands import ops_here
from tests.database import Database
from tests.people import Person, PersonMaker
from tests.servers import ChatServer


@dataclass(frozen=True)
class Fragile:
    """A server of chatapp and those that it depends on."""

    server: ChatServer
    postgres: PostgresServer
    redis: RedisServer
    database: Database

    def logged(self, message: str) -> list[dict[str, Any]]:
        """Lines of its log with this message."""
        lines = [line for line in self.server.log.read_text().splitlines() if line.startswith("{")]
        return [entry for entry in map(json.loads, lines) if entry["message"] == message]


@pytest.fixture(scope="module")
def fragile(
    start_server: Callable[..., ChatServer], environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fragile]:
    """All of it, for the tests of one file. Each leaves Postgres and Redis running."""
    with (
        PostgresServer(tmp_path_factory.mktemp("pg"), is_durable=False) as postgres,
        RedisServer(tmp_path_factory.mktemp("r")) as redis,
    ):
        own = {"DATABASE_URL": postgres.url, "REDIS_URL": redis.url, "PRESENCE_GRACE": "300ms", "DATABASE_WAIT": "2s"}
        released = ops_here({**environment, **own}, "migrate")
        runtime.close()
        assert released.code == 0, released.err
        server = start_server(**own)
        yield Fragile(server, postgres, redis, Database(postgres.url))
        server.stop()


@pytest.fixture
def make_person(fragile: Fragile) -> Iterator[PersonMaker]:
    """Signs people up there."""
    maker = PersonMaker(fragile.server)
    yield maker
    maker.close_sockets()


@pytest.fixture
def friends(make_person: PersonMaker) -> tuple[Person, Person]:
    """Two people with a chat."""
    alice, bob = make_person("alice"), make_person("bob")
    alice.sends("before", to=bob)
    return alice, bob
