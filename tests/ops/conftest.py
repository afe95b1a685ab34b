"""A database and a command line for the tests of operations."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from peewee import PostgresqlDatabase

from chatapp.ops import runtime
from config import Settings, load
from tests.commands import Command, Outcome, ops_here
from tests.commands import ops_process as run_ops_process
from tests.reused_database import ReusedDatabase


@pytest.fixture
def ops_environment(environment: dict[str, str], reused_database: ReusedDatabase) -> Iterator[dict[str, str]]:
    """The settings of this test: as for the servers, with a database without rows."""
    with reused_database.lent() as url:
        yield {**environment, "DATABASE_URL": url}


@pytest.fixture
def settings(ops_environment: dict[str, str]) -> Settings:
    """The same, read."""
    return load(ops_environment)


@pytest.fixture
def db(settings: Settings) -> Iterator[PostgresqlDatabase]:
    """A connection beside the pool, to look with."""
    database = PostgresqlDatabase(settings.database_url)
    with database.connection_context():
        yield database


@pytest.fixture
def bound(settings: Settings) -> Iterator[Settings]:
    """The handles of this process point at the servers of this test."""
    runtime.build(settings)
    yield settings
    runtime.close()


@pytest.fixture
def ops(ops_environment: dict[str, str]) -> Iterator[Command]:
    """Runs a command in this process, with the settings of this test and those that are changed."""

    def run(*arguments: str, **changed: str) -> Outcome:
        return ops_here({**ops_environment, **changed}, *arguments)

    yield run
    runtime.close()


@pytest.fixture
def ops_process(ops_environment: dict[str, str]) -> Command:
    """Runs `python -m chatapp.ops ...`, where several run at once or the process itself matters."""

    def run(*arguments: str, **changed: str) -> Outcome:
        return run_ops_process({**ops_environment, **changed}, *arguments)

    return run
