"""Health, with servers that are really stopped."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from chatapp.infra.object_storage import make_bucket
from chatapp.ops import runtime
from config import load
from deploy.embedded import PostgresServer, RedisServer, S3Server
from tests.commands import Command
from tests.database import Database
from tests.people import CHAT, PersonMaker
from tests.servers import ChatServer, await_true

PARTS = ("postgres", "redis", "s3")


class OwnServers:
    """Servers that this module may hurt, and a chatapp on them."""

    def __init__(self, folder: Path) -> None:
        self.postgres = PostgresServer(folder / "postgres").start()
        self.redis = RedisServer(folder / "redis").start()
        self.s3 = S3Server(folder / "s3").start()

    def environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.redis.url,
            "S3_ENDPOINT": self.s3.url,
            "S3_ACCESS_KEY": self.s3.access_key,
            "S3_SECRET_KEY": self.s3.secret_key,
        }

    def stop(self) -> None:
        for server in (self.s3, self.redis, self.postgres):
            server.stop()


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnServers]:
    servers = OwnServers(tmp_path_factory.mktemp("own"))
    yield servers
    servers.stop()


@pytest.fixture(scope="module")
def chat(own: OwnServers, environment: dict[str, str], start_server: Callable[..., ChatServer]) -> Iterator[ChatServer]:
    settings = load({**environment, **own.environment()})
    runtime.build(settings)
    make_bucket()
    chat = start_server(**own.environment())
    yield chat
    chat.stop(signal.SIGKILL)


def _health(chat: ChatServer) -> tuple[int, str, dict[str, str]]:
    reply = chat.get("/api/v1/health")
    assert set(reply.json) == {"status", "checks", "version"}
    checks: dict[str, Any] = reply.json["checks"]
    assert tuple(checks) == PARTS
    for check in checks.values():
        assert (check["latency_ms"] is None) == (check["status"] != "ok")
    return reply.status, reply.json["status"], {name: check["status"] for name, check in checks.items()}


def _expect(chat: ChatServer, status: int, word: str, **down: str) -> None:
    wanted = (status, word, {**dict.fromkeys(PARTS, "ok"), **down})
    await_true(lambda: _health(chat) == wanted, what=lambda: f"{_health(chat)} is not {wanted}")
    assert chat.get("/health").json == {"status": "ok"}


def test_without_its_bucket_s3_counts_as_down(start_server: Callable[..., ChatServer], ops: Command) -> None:
    chat = start_server(S3_BUCKET="not-made-yet")
    _expect(chat, 200, "degraded", s3="down")
    assert ops("jobs", "run", "bucket", S3_BUCKET="not-made-yet").code == 0
    _expect(chat, 200, "ok")
    chat.stop()


def test_without_s3_it_is_degraded(chat: ChatServer, own: OwnServers) -> None:
    own.s3.stop()
    _expect(chat, 200, "degraded", s3="down")
    own.s3.start()
    _expect(chat, 200, "ok")


def test_without_redis_it_is_degraded(chat: ChatServer, own: OwnServers) -> None:
    own.redis.kill()
    _expect(chat, 200, "degraded", redis="down")
    own.redis.start()
    _expect(chat, 200, "ok")


def test_without_postgres_it_is_down(chat: ChatServer, own: OwnServers) -> None:
    own.postgres.kill()
    _expect(chat, 503, "down", postgres="down")
    own.postgres.start()
    _expect(chat, 200, "ok")


@pytest.mark.parametrize(("part", "status", "word"), [("postgres", 503, "down"), ("redis", 200, "degraded")])
def test_a_part_that_hangs_counts_as_away(part: str, status: int, word: str, chat: ChatServer, own: OwnServers) -> None:
    family = [psutil.Process(getattr(own, part).pid)]
    family += family[0].children(recursive=True)
    for process in family:
        process.suspend()
    try:
        _expect(chat, status, word, **{part: "down"})
    finally:
        for process in family:
            process.resume()
    _expect(chat, 200, "ok")


def test_an_exhausted_pool_is_down_while_its_requests_still_wait(
    start_server: Callable[..., ChatServer], make_person: PersonMaker, database: Database
) -> None:
    chat = start_server(DATABASE_POOL="2", DATABASE_STATEMENT_TIMEOUT="120s")
    alice, bob = make_person("alice", server=chat), make_person("bob", server=chat)
    message = alice.sends("contended", to=bob)
    edit = f"{chat.url}{CHAT}/messages/{message['id']}"
    headers = {"Authorization": f"Bearer {alice.token}"}
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        " AND application_name = 'chatapp'"
    )
    with ThreadPoolExecutor(2) as threads:
        with database.holding("SELECT 1 FROM chats WHERE id = %s FOR UPDATE", message["chat_id"]):
            edits = [
                threads.submit(requests.patch, edit, json={"content": "new"}, headers=headers, timeout=60)
                for _ in range(2)
            ]
            await_true(lambda: database.rows(waiting) == [(2,)])
            reply = chat.get("/api/v1/health")
            assert not any(one.done() for one in edits)
        assert [one.result().status_code for one in edits] == [200, 200]
    pool = {"size": 2, "in_use": 2, "free": 0}
    assert (reply.status, reply.json["status"]) == (503, "down")
    assert reply.json["checks"]["postgres"] == {"status": "exhausted", "latency_ms": None, "pool": pool}
    assert reply.json["checks"]["redis"]["status"] == "ok"
    await_true(lambda: chat.get("/api/v1/health").status == 200)
    chat.stop()


def test_the_pool_is_counted(server: ChatServer) -> None:
    text = server.get("/metrics").text
    sizes, used = (
        [float(value) for value in re.findall(rf"^{name}(?:{{.*}})? (\S+)$", text, re.MULTILINE)]
        for name in ("chat_db_pool_size", "chat_db_pool_in_use")
    )
    assert float(load(server.environment).database_pool) in sizes
    assert used
    assert all(0 <= one <= max(sizes) for one in used)
