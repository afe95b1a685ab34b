"""The core in this process, on a database of its own, for what needs no HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chatapp.auth.tokens import Verifier
from chatapp.ops import runtime
from config import Settings, load
from deploy.embedded import RedisServer
from tests.servers import SECRET_KEY, database_copy

Configure = Callable[..., Settings]


def settings_of(database_url: str, redis_url: str, **variables: str) -> Settings:
    """Settings with some variables changed."""
    environment = {
        "APP_ENV": "test",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "S3_ENDPOINT": "http://127.0.0.1:1",
        "SECRET_KEY": SECRET_KEY,
        **variables,
    }
    return load(environment)


@pytest.fixture(scope="session")
def core_database(postgres_url: str) -> Iterator[str]:
    with database_copy(postgres_url) as url:
        yield url


@pytest.fixture
def configure(core_database: str, redis_server: RedisServer) -> Iterator[Configure]:
    """Builds the runtime of this process from settings with some variables changed."""

    def build(**variables: Any) -> Settings:
        settings = settings_of(core_database, variables.pop("REDIS_URL", redis_server.url), **variables)
        runtime.build(settings)
        return settings

    build()
    yield build
    runtime.close()


@pytest.fixture
def verifier(postgres_url: str) -> Callable[..., Verifier]:
    """Makes verifiers of external tokens from some variables."""

    def make(**variables: str) -> Verifier:
        return Verifier(settings_of(postgres_url, "redis://127.0.0.1:1", AUTH_MODE="external", **variables))

    return make
