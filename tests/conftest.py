"""Shared fixtures: servers and users.

The first pytest process starts PostgreSQL and S3 for all; each process starts its own Redis and chatapp on its own
database, since events are routed by user id.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from chatapp.auth.actor import Actor
from chatapp.infra.postgres import database_connection
from chatapp.models import User
from chatapp.ops import runtime
from config import load
from deploy.embedded import EmbeddedServers, RedisServer
from tests.database import Database
from tests.host import Host
from tests.people import Person, PersonMaker
from tests.reused_database import ReusedDatabase
from tests.servers import (
    DEVICES,
    HIGH_LIMITS,
    SECRET_KEY,
    SERVICE_TOKEN,
    SHOP,
    ChatServer,
    database_copy,
    make_template,
)

_shared: dict[str, str] = {}
_stack = ExitStack()
_servers_of_module: list[ChatServer] = []


def pytest_configure(config: pytest.Config) -> None:
    # Some hundred processes would compile chatapp again, which takes longer than the rest of their start.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    if hasattr(config, "workerinput"):
        _shared.update(config.workerinput["chatapp_servers"])
    elif not config.option.collectonly:
        folder = Path(tempfile.mkdtemp(prefix="chatapp-tests-"))
        _stack.callback(shutil.rmtree, folder, ignore_errors=True)
        servers = _stack.enter_context(EmbeddedServers(folder, need_redis=False, is_durable=False))
        _shared.update(servers.services.environment())
        make_template(_shared["DATABASE_URL"], {**_shared, "REDIS_URL": "redis://127.0.0.1:1"})


class ShareServers:
    """Passes the addresses of the servers to the processes of pytest-xdist."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: object) -> None:
        node.workerinput["chatapp_servers"] = dict(_shared)  # type: ignore[attr-defined]


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    pluginmanager.register(ShareServers())


def pytest_unconfigure(config: pytest.Config) -> None:
    _stack.close()


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """PostgreSQL of this run; `database_copy` creates a database in it."""
    return _shared["DATABASE_URL"]


@pytest.fixture(scope="module")
def without_coverage() -> Iterator[None]:
    """Start processes without coverage, whose tracing takes a third of their time. Other tests cover the same lines."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
        yield


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """Redis of this process. Tests that break it start their own."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="session")
def environment(postgres_url: str, redis_server: RedisServer) -> Iterator[dict[str, str]]:
    """Environment of the servers under test."""
    with database_copy(postgres_url) as database_url:
        yield {
            **_shared,
            **HIGH_LIMITS,
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_server.url,
            "APP_ENV": "test",
            "AUTH_MODE": "builtin",
            "SECRET_KEY": SECRET_KEY,
            "SERVICE_TOKEN": SERVICE_TOKEN,
            "WEB_CONCURRENCY": "1",
            "SHUTDOWN_SPREAD": "0.2s",
        }


@pytest.fixture(scope="session")
def start_server(
    environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., ChatServer]]:
    """Starts chatapp with changed variables; stopped at the end of the module, or of the session if it is kept.

    Only `server` and `quick_server` are traced in a run with coverage: others hardly reach a line that these do not.
    """
    kept: list[ChatServer] = []

    def start(*, is_traced: bool = False, is_kept: bool = False, **changed: str) -> ChatServer:
        log = tmp_path_factory.mktemp("log") / "web.log"
        server = ChatServer({**environment, **changed}, log=log, is_traced=is_traced)
        (kept if is_kept else _servers_of_module).append(server)
        return server

    yield start
    running = [server for server in kept if server.process.poll() is None]
    for server in running:
        server.process.terminate()
    for server in running:
        server.stop(signal.SIGTERM)


@pytest.fixture(scope="module", autouse=True)
def servers_end_with_their_module() -> Iterator[None]:
    """Stop the servers that a module has started: dozens of idle ones would use up the connections of Postgres."""
    yield
    for server in _servers_of_module:
        if server.process.poll() is None:
            server.stop()
    _servers_of_module.clear()


@pytest.fixture(scope="session")
def server(start_server: Callable[..., ChatServer]) -> ChatServer:
    """chatapp with high limits, shared by all tests of this process."""
    return start_server(is_traced=True, is_kept=True)


@pytest.fixture(scope="session")
def quick_server(start_server: Callable[..., ChatServer]) -> ChatServer:
    """chatapp with short delays, on the same Postgres and Redis as `server`."""
    return start_server(
        is_traced=True,
        is_kept=True,
        WS_AUTH_WAIT="400ms",
        PRESENCE_GRACE="500ms",
        TYPING_CLEAR="500ms",
        ALLOWED_ORIGINS=SHOP,
        WS_MAX_CONNECTIONS_PER_USER=str(DEVICES),
    )


@pytest.fixture(scope="session")
def two_workers(start_server: Callable[..., ChatServer]) -> ChatServer:
    """chatapp with two web workers."""
    return start_server(is_kept=True, WEB_CONCURRENCY="2", PRESENCE_GRACE="500ms", WS_MAX_CONNECTIONS_PER_USER="30")


@pytest.fixture(scope="session")
def service_token() -> str:
    """Token of the service routes."""
    return SERVICE_TOKEN


@pytest.fixture(scope="session")
def host(server: ChatServer) -> Host:
    """The host's services, which sync items and users."""
    return Host(server)


@pytest.fixture(scope="session")
def database(environment: dict[str, str]) -> Database:
    """Direct access to the server's database."""
    return Database(environment["DATABASE_URL"])


@pytest.fixture
def make_person(server: ChatServer) -> Iterator[PersonMaker]:
    """Signs users up, and closes their sockets at the end."""
    maker = PersonMaker(server)
    yield maker
    maker.close_sockets()


@pytest.fixture
def alice(make_person: PersonMaker) -> Person:
    """A user."""
    return make_person("alice")


@pytest.fixture
def bob(make_person: PersonMaker) -> Person:
    """Another user."""
    return make_person("bob")


@pytest.fixture
def carol(make_person: PersonMaker) -> Person:
    """A third user, without a chat with the others."""
    return make_person("carol")


@pytest.fixture
def quick_alice(make_person: PersonMaker, quick_server: ChatServer) -> Person:
    """A user of the quick server."""
    return make_person("alice", server=quick_server)


@pytest.fixture
def quick_bob(make_person: PersonMaker, quick_server: ChatServer) -> Person:
    """Another user of the quick server."""
    return make_person("bob", server=quick_server)


@pytest.fixture
def quick_carol(make_person: PersonMaker, quick_server: ChatServer) -> Person:
    """A third user of the quick server."""
    return make_person("carol", server=quick_server)


@pytest.fixture(scope="session")
def reused_database(postgres_url: str) -> Iterator[ReusedDatabase]:
    """The database of `core`."""
    database = ReusedDatabase(postgres_url)
    yield database
    database.close()


@pytest.fixture
def core(environment: dict[str, str], reused_database: ReusedDatabase) -> Iterator[Database]:
    """Bind this process to a database without rows, and return direct access to it."""
    with reused_database.lent() as url:
        runtime.build(load({**environment, "DATABASE_URL": url}))
        yield Database(url)
        runtime.close()


@pytest.fixture
def actors(core: Database) -> list[Actor]:
    """Three actors."""
    with database_connection():
        for name in ("alice", "bob", "carol"):
            User.create(subject=name, username=name)
        users = list(User.select().order_by(User.id))  # with the UUIDs, which the database makes
    return [Actor(user.id, str(user.uuid), user.username, False, None) for user in users]
