"""A database and a command line for the tests of operations."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from peewee import PostgresqlDatabase

from chatapp.ops import runtime
from config import Settings, load
from tests.servers import ROOT, database_copy

# Nothing else of our own environment may decide what a command does; the second is how coverage follows it.
PASSED_ON = {name: os.environ[name] for name in ("PATH", "COVERAGE_PROCESS_CONFIG") if name in os.environ}

Command = Callable[..., "Outcome"]


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def ops_environment(environment: dict[str, str], postgres_url: str) -> Iterator[dict[str, str]]:
    """The settings of this test: as for the servers, with a fresh database."""
    with database_copy(postgres_url) as url:
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
def ops(ops_environment: dict[str, str]) -> Command:
    """Runs `python -m chatapp.ops ...`."""

    def run(*arguments: str, **changed: str) -> Outcome:
        done = subprocess.run(
            [sys.executable, "-m", "chatapp.ops", *arguments],
            cwd=ROOT,
            env={**PASSED_ON, **ops_environment, **changed},
            capture_output=True,
            text=True,
            timeout=60,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    return run
