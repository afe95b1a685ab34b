"""The three servers together: started in parallel, stopped in order."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.embedded.postgres import PostgresServer
from deploy.embedded.redis import RedisServer
from deploy.embedded.s3 import REGION, S3Server
from deploy.embedded.server import Server


@dataclass(frozen=True)
class Services:
    """Addresses of the started servers; empty strings for servers that are not needed."""

    database_url: str
    redis_url: str
    s3_endpoint: str
    s3_access_key: str
    s3_secret_key: str

    def environment(self) -> dict[str, str]:
        """The settings that chatapp reads, without those of servers that are not needed."""
        values = {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url}
        if self.s3_endpoint:
            values |= {
                "S3_ENDPOINT": self.s3_endpoint,
                "S3_ACCESS_KEY": self.s3_access_key,
                "S3_SECRET_KEY": self.s3_secret_key,
                "S3_REGION": REGION,
            }
        return {key: value for key, value in values.items() if value}


class EmbeddedServers:
    """PostgreSQL, Redis and S3 under one folder: `data_dir`/postgres, /redis and /s3.

    Parameters: data_dir: created on demand. need_*: whether to start that server.
    Usable as a context manager. `start()` raises StartError with one sentence and leaves nothing running.
    """

    def __init__(
        self,
        data_dir: Path,
        need_postgres: bool = True,
        need_redis: bool = True,
        need_s3: bool = True,
        is_durable: bool = True,
    ) -> None:
        self.postgres = PostgresServer(data_dir / "postgres", is_durable=is_durable) if need_postgres else None
        self.redis = RedisServer(data_dir / "redis") if need_redis else None
        self.s3 = S3Server(data_dir / "s3") if need_s3 else None
        # PostgreSQL last: creating its cluster takes longest, and the others start in the meantime.
        self._servers: list[Server] = [server for server in (self.redis, self.s3, self.postgres) if server is not None]

    @property
    def services(self) -> Services:
        """The addresses; valid once started."""
        return Services(
            database_url=self.postgres.url if self.postgres else "",
            redis_url=self.redis.url if self.redis else "",
            s3_endpoint=self.s3.url if self.s3 else "",
            s3_access_key=self.s3.access_key if self.s3 else "",
            s3_secret_key=self.s3.secret_key if self.s3 else "",
        )

    @property
    def names(self) -> list[str]:
        """The display names of the servers."""
        return [server.name for server in self._servers]

    @property
    def have_started_before(self) -> bool:
        """Whether the folders of all of them exist."""
        return all(server.folder.path.is_dir() for server in self._servers)

    def start(self) -> Self:
        """Launch all, then wait for each. The calling thread must outlive the servers."""
        try:
            for server in self._servers:
                server.launch()
            for server in self._servers:
                server.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop all, even if stopping one of them fails."""
        with contextlib.ExitStack() as stack:
            for server in reversed(self._servers):
                stack.callback(server.stop)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
