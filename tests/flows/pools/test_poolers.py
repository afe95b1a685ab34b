"""chatapp behind a real PgBouncer in session and transaction mode, and how it refuses to start where misconfigured."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest
import requests

from chaos.pgbouncer import PACKAGE, POOL_SIZE, PROGRAM, PgBouncer
from chatapp.infra.postgres import database_connection, db
from chatapp.infra.postgres_sessions import Sessions
from chatapp.infra.prepared_statements import BitmapStatement
from chatapp.ops import runtime
from config import load
from tests.commands import PASSED_ON, WORKER, Outcome, ops_here, run_process
from tests.database import Database
from tests.people import CHAT, PersonMaker
from tests.servers import ROOT, ChatServer, await_true, database_copy, free_port
from tests.system_packages import needed_program

UNDECLARED = (
    "chatapp: A connection pooler such as PgBouncer answers where Postgres itself is expected: set DATABASE_POOLER to"
    " its pool_mode, session or transaction, and DATABASE_DIRECT_URL to Postgres itself.\n"
)
REFUSED_TO_BOOT = 3  # the exit code of gunicorn whose application refuses to start
MESSAGES = 40
MODES = ("session", "transaction")


@dataclass
class Pooled:
    """A migrated database of its own behind a PgBouncer, and chatapp's commands on it."""

    bouncer: PgBouncer
    direct_url: str
    environment: dict[str, str]

    @property
    def url(self) -> str:
        """The database through PgBouncer."""
        return self.bouncer.through(self.direct_url)

    def ops(self, *arguments: str, **changed: str) -> Outcome:
        """Run a command; `worker` as a process, which must end by itself."""
        environment = {**self.environment, **changed}
        if arguments == ("worker",):
            return run_process(WORKER, environment)
        try:
            return ops_here(environment, *arguments)
        finally:
            runtime.close()

    def web(self, **changed: str) -> Outcome:
        """Run the web process, which must end by itself."""
        environment = {**self.environment, "PORT": str(free_port()), **changed}
        return run_process([sys.executable, "-m", "gunicorn", "wsgi:app"], environment)

    def is_free_of_session_locks(self) -> bool:
        """No session holds a lock of the kind that migrations take."""
        locks = "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database WHERE locktype = 'advisory'"
        return Database(self.direct_url).rows(f"{locks} AND datname = current_database()") == [(0,)]


StartPooled = Callable[..., Pooled]


@contextmanager
def poolers(environment: dict[str, str], postgres_url: str, folder: Path) -> Iterator[StartPooled]:
    """Starts a PgBouncer of a mode in front of a new database; `options` are lines of its configuration."""
    needed_program(PROGRAM, PACKAGE)
    with database_copy(postgres_url) as direct_url:
        started: list[PgBouncer] = []

        def start(mode: str, *options: str) -> Pooled:
            started.append(PgBouncer(folder / mode, direct_url, mode, *options).start())
            return Pooled(
                started[-1],
                direct_url,
                {
                    **environment,
                    "DATABASE_URL": started[-1].through(direct_url),
                    "DATABASE_DIRECT_URL": direct_url,
                    "DATABASE_POOLER": mode,
                    # In session mode each of them is a session of Postgres for good.
                    "DATABASE_POOL": "12" if mode == "transaction" else "5",
                },
            )

        yield start
        for bouncer in started:
            bouncer.stop()


@pytest.fixture
def start_pooled(environment: dict[str, str], postgres_url: str, tmp_path: Path) -> Iterator[StartPooled]:
    """For one test, which misconfigures it."""
    with poolers(environment, postgres_url, tmp_path) as start:
        yield start


@pytest.fixture(scope="module", params=MODES)
def pooled(
    request: pytest.FixtureRequest,
    environment: dict[str, str],
    postgres_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Pooled]:
    """One of each mode, released: twice, since the first must leave nothing behind that the second waits for."""
    with poolers(environment, postgres_url, tmp_path_factory.mktemp("pooled")) as start:
        behind = start(request.param)
        for _ in range(2):
            release(behind)
        yield behind


def release(pooled: Pooled, **changed: str) -> None:
    """As before every deployment; here without a change of the schema."""
    released = pooled.ops("migrate", **changed)
    assert released.code == 0, released.err
    assert released.out.endswith("migrated: nothing to do\n")


@pytest.fixture(scope="module")
def chat(pooled: Pooled, start_server: Callable[..., ChatServer]) -> Iterator[ChatServer]:
    """A web process behind it."""
    server = start_server(**pooled.environment)
    yield server
    server.stop()


def test_smoke(chat: ChatServer, pooled: Pooled) -> None:
    done = subprocess.run(["sh", "tests/smoke.sh", chat.url], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert pooled.is_free_of_session_locks()


def test_what_is_sent_is_caught_up_with_over_few_sessions(chat: ChatServer, pooled: Pooled) -> None:
    make_person = PersonMaker(chat)
    alice, bob = make_person("alice"), make_person("bob")
    people = [make_person() for _ in range(4)]
    ear = bob.connects()
    first = alice.sends("first", to=bob)
    cursor = bob.cursor(first["chat_id"])
    with ThreadPoolExecutor(8) as threads:
        sent = list(threads.map(lambda n: _sends(chat, people[n % 4].token, bob.id, n), range(MESSAGES)))
    caught_up = bob.catches_up(cursor, limit=7)
    assert sorted(message["id"] for message in caught_up["messages"]) == sorted(sent)
    assert {ear.receives("new_message", id=message)["type"] for message in sent} == {"new_message"}
    make_person.close_sockets()
    sessions = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    assert Database(pooled.direct_url).rows(sessions)[0][0] <= POOL_SIZE


def _sends(chat: ChatServer, token: str, receiver_id: int, number: int) -> int:
    """Send over a connection of its own; returns the id of the message."""
    body = {"receiver_id": receiver_id, "content": f"message {number}"}
    headers = {"Authorization": f"Bearer {token}"}
    reply = requests.post(f"{chat.url}{CHAT}/messages", json=body, headers=headers, timeout=30)
    assert reply.status_code == 200, reply.text
    return int(reply.json()["data"]["id"])


def test_sessions_have_what_requests_rely_on(pooled: Pooled) -> None:
    sessions = Sessions(load(pooled.environment))
    with closing(psycopg2.connect(pooled.url)) as connection:
        assert sessions.found(connection) == sessions.required


def test_a_bitmap_statement_leaves_the_session_as_it_was(pooled: Pooled) -> None:
    show = "SHOW enable_bitmapscan"
    db.bind(load(pooled.environment))
    try:
        with database_connection():
            for _ in range(3):
                assert db.run(BitmapStatement(show)).fetchone() == ("on",)
                assert db.execute_sql(show).fetchone() == ("off",)
    finally:
        db.close_all()


@pytest.mark.parametrize("mode", MODES)
def test_a_release_with_another_time_out_holds_at_once(
    mode: str, start_pooled: StartPooled, start_server: Callable[..., ChatServer]
) -> None:
    """PgBouncer's open sessions would keep the old one for up to an hour."""
    pooled = start_pooled(mode)
    release(pooled)
    with closing(psycopg2.connect(pooled.url)):
        release(pooled, DATABASE_STATEMENT_TIMEOUT="7s")
    server = start_server(**pooled.environment, DATABASE_STATEMENT_TIMEOUT="7s")
    assert server.get("/api/v1/health").json["checks"]["postgres"]["status"] == "ok"
    server.stop()
    refused = pooled.web(DATABASE_STATEMENT_TIMEOUT="8s")
    assert refused.code == REFUSED_TO_BOOT
    assert "(statement_timeout is 7000, not 8000, " in refused.err


def test_leaders_lead_past_it(pooled: Pooled, tmp_path: Path) -> None:
    logs = [tmp_path / "first", tmp_path / "second"]
    workers = []
    try:
        for log in logs:
            with log.open("wb") as file:
                workers.append(
                    subprocess.Popen(
                        WORKER,
                        cwd=ROOT,
                        env={**PASSED_ON, **pooled.environment},
                        stdout=file,
                        stderr=file,
                    )
                )
            await_true(lambda: '"leading"' in logs[0].read_text(), what=logs[0].read_text)
        workers[0].kill()
        await_true(lambda: '"leading"' in logs[1].read_text(), what=logs[1].read_text)
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()


@pytest.mark.parametrize("options", [(), ("ignore_startup_parameters = options",)], ids=["as it is", "forgiving"])
@pytest.mark.parametrize("mode", MODES)
def test_nothing_starts_where_it_is_not_declared(
    mode: str, options: tuple[str, ...], start_pooled: StartPooled
) -> None:
    pooled = start_pooled(mode, *options)
    undeclared = {"DATABASE_POOLER": "", "DATABASE_DIRECT_URL": ""}
    for arguments in (("migrate",), ("worker",), ("jobs", "list"), ("demo",)):
        refused = pooled.ops(*arguments, **undeclared)
        assert (refused.code, refused.err) == (1, UNDECLARED), refused
    refused = pooled.web(**undeclared)
    assert refused.code == REFUSED_TO_BOOT
    assert UNDECLARED in refused.err
    assert "Traceback" not in refused.err
    assert pooled.is_free_of_session_locks()


def test_the_direct_url_must_be_direct(start_pooled: StartPooled) -> None:
    pooled = start_pooled("transaction", "ignore_startup_parameters = options")
    for arguments in (("migrate",), ("worker",)):
        refused = pooled.ops(*arguments, DATABASE_DIRECT_URL=pooled.url)
        assert (refused.code, refused.err) == (1, UNDECLARED), refused
    assert pooled.is_free_of_session_locks()
    assert pooled.ops("migrate").code == 0


def test_sessions_must_not_be_declared_where_transactions_are_pooled(start_pooled: StartPooled) -> None:
    """Prepared statements would be missing whenever a request meets another session than the one before it."""
    pooled = start_pooled("transaction")
    assert pooled.ops("migrate").code == 0
    refused = pooled.web(DATABASE_POOLER="session")
    assert refused.code == REFUSED_TO_BOOT
    assert "pools transactions, not sessions: set DATABASE_POOLER=transaction.\n" in refused.err


def test_a_web_process_before_the_first_release_says_what_is_missing(start_pooled: StartPooled) -> None:
    refused = start_pooled("transaction").web()
    assert refused.code == REFUSED_TO_BOOT
    assert "chatapp: Sessions of DATABASE_URL lack settings that chatapp relies on (" in refused.err
    assert "statement_timeout is 0, not 5000" in refused.err
    assert "run `python -m chatapp.ops migrate`" in refused.err


def test_a_pooler_that_was_away_at_start_is_judged_when_it_comes(
    start_pooled: StartPooled, start_server: Callable[..., ChatServer]
) -> None:
    pooled = start_pooled("transaction", "ignore_startup_parameters = options")
    pooled.bouncer.kill()
    undeclared = {**pooled.environment, "DATABASE_POOLER": "", "DATABASE_DIRECT_URL": ""}
    server = start_server(**undeclared)
    pooled.bouncer.start()
    login = {"login": "unknown", "password": "nothing at all"}
    assert server.post("/api/v1/auth/login", json=login).status == 503
    await_true(lambda: "database misconfigured" in server.log.read_text())
    server.stop()


def test_it_must_be_told_where_postgres_itself_is(start_pooled: StartPooled) -> None:
    refused = start_pooled("session").ops("migrate", DATABASE_DIRECT_URL="")
    assert refused.code == 1
    assert refused.err.startswith("chatapp: DATABASE_DIRECT_URL is missing: ")
