"""A dump is restored: into a server with a transaction counter of its own, and into the same server."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest

from deploy.embedded import PostgresServer
from deploy.embedded.redis import RedisServer
from tests.database import Database
from tests.flows.restoring import tools
from tests.flows.restoring.rehearsal import NEXT_TRANSACTION, STAMPS, Rehearsal, release, spend_transactions
from tests.servers import ChatServer

SPENT = 5000  # transactions of the dumped server; a fresh one has run some hundred when the dump is restored

StartServer = Callable[..., ChatServer]


@dataclass
class Backup:
    """A dump, and the people in it.

    Attributes:
        newest: the largest stamp in it.
    """

    file: Path
    rehearsal: Rehearsal
    newest: int
    environment: dict[str, str]


@pytest.fixture
def empty_database(postgres_url: str) -> Iterator[Callable[[], str]]:
    """Creates empty databases; returns their URLs."""
    base, _, _ = postgres_url.rpartition("/")
    made: list[str] = []
    with closing(psycopg2.connect(f"{base}/postgres")) as connection, connection.cursor() as cursor:
        connection.autocommit = True

        def make() -> str:
            made.append(f"restored_{uuid.uuid4().hex[:12]}")
            cursor.execute(f"CREATE DATABASE {made[-1]}")
            return f"{base}/{made[-1]}"

        yield make
        for name in made:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def backup(
    empty_database: Callable[[], str], environment: dict[str, str], start_server: StartServer, tmp_path: Path
) -> Iterator[Backup]:
    """The dump of a service that went on for a while and was then stopped."""
    with RedisServer(tmp_path / "redis") as redis:
        source = Database(empty_database())
        changed = {**environment, "REDIS_URL": redis.url}
        release(changed, source.url)
        (next_transaction,) = source.rows(NEXT_TRANSACTION)[0]
        spend_transactions(source, next_transaction + SPENT)
        server = start_server(**{**changed, "DATABASE_URL": source.url})
        rehearsal = Rehearsal.begins(server)
        rehearsal.look()
        (newest,) = source.rows(STAMPS)[0]
        file = tmp_path / "dump"
        tools.run("pg_dump", "-Fc", "-f", str(file), source.url)
        rehearsal.write_after_the_backup()
        assert source.rows("SELECT stamp_offset, renewed_at FROM cluster_epoch") == [(0, None)]
        server.stop()
        yield Backup(file, rehearsal, newest, changed)
        rehearsal.close_sockets()


def restored(backup: Backup, url: str) -> Database:
    """The dump in an empty database, after a release."""
    tools.run("pg_restore", "--no-owner", "--exit-on-error", "-d", url, str(backup.file))
    assert "restored dump detected" in release(backup.environment, url)
    database = Database(url)
    assert database.rows("SELECT stamp_offset > 0, renewed_at IS NOT NULL FROM cluster_epoch") == [(True, True)]
    return database


def test_into_a_fresh_cluster(backup: Backup, start_server: StartServer, tmp_path: Path) -> None:
    rehearsal = backup.rehearsal
    with PostgresServer(tmp_path / "fresh", is_durable=False) as postgres:
        database = restored(backup, postgres.url)
        (next_transaction,) = database.rows(NEXT_TRANSACTION)[0]
        assert next_transaction < backup.newest, "or the test would not show that stamps lie ahead of the counter"
        server = start_server(**{**backup.environment, "DATABASE_URL": postgres.url})
        rehearsal.move_to(server)
        cursors = rehearsal.expect_one_full_sync_and_the_same_data()
        spend_transactions(database, backup.newest + 1)
        for person in rehearsal.people:
            rehearsal.expect_empty_catch_up(person, cursors[person.username])
        rehearsal.expect_only_what_is_new(cursors)
        assert "detected" not in release(backup.environment, postgres.url)
        server.stop()


def test_into_another_database_of_the_same_cluster(
    backup: Backup, start_server: StartServer, empty_database: Callable[[], str]
) -> None:
    database = restored(backup, empty_database())
    server = start_server(**{**backup.environment, "DATABASE_URL": database.url})
    backup.rehearsal.move_to(server)
    backup.rehearsal.expect_only_what_is_new(backup.rehearsal.expect_one_full_sync_and_the_same_data())
    server.stop()
