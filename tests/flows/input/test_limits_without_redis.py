"""REST limits while Redis is away."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

from deploy.embedded import RedisServer
from tests.servers import ChatServer, await_true

LOGIN = "/api/v1/auth/login"
BODY = {"login": "unknown", "password": "wrong password"}


def test_limits_hold_while_redis_hangs(start_server: Callable[..., ChatServer], tmp_path: Path) -> None:
    with RedisServer(tmp_path / "redis") as redis:
        server = start_server(REDIS_URL=redis.url, LIMIT_AUTH="5/minute")
        assert server.post(LOGIN, json=BODY).headers["X-RateLimit-Remaining"] == "4"
        os.kill(redis.pid, signal.SIGSTOP)
        try:
            statuses = [server.post(LOGIN, json=BODY).status for _ in range(8)]
        finally:
            os.kill(redis.pid, signal.SIGCONT)
        assert statuses == [401] * 5 + [429] * 3
        # What Redis counted before counts again: four of five were left.
        await_true(lambda: server.post(LOGIN, json=BODY).headers.get("X-RateLimit-Remaining") in ("2", "3"))
