"""The system under test: Postgres, Redis, S3, web servers and `worker`, each a process, some behind a relay."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Collection
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, Self

import psutil
import psycopg2
import requests
from redis import Redis

from bench.environment import ROOT, SETTINGS, free_port
from chaos.machine import ServersWithClock, faketime_library, small_disk
from chaos.processes import ManagedProcess, migrate
from chaos.revisions import check_out
from chaos.toxics import Relay
from deploy.embedded import EmbeddedServers, PostgresServer, RedisServer, S3Server

POOL = 12  # DATABASE_POOL of each process
SERVICE_TOKEN = "service-token-of-the-fault-kit"


class Cluster:
    """Starts everything in a temporary folder, and removes all of it.

    Parameters:
        workers: number of web workers of each web server.
        servers: number of web servers, each on its own port.
        through: which of `web`, `postgres`, `redis`, `s3` are reached through a relay.
        postgres_megabytes: size of a separate file system for Postgres, 0 for none; needs root.
        has_clocks: whether `set_clock` works; needs Debian's libfaketime.
        revision: of the repository, which everything runs until it is upgraded; empty for the working tree.
        has_model: whether the assistant answers by a language model, which is a process, too.
        environment: settings of chatapp that differ from those of the benchmarks.
    """

    def __init__(
        self,
        *,
        workers: int = 2,
        servers: int = 1,
        through: Collection[str] = (),
        postgres_megabytes: int = 0,
        has_clocks: bool = False,
        revision: str = "",
        has_model: bool = False,
        **environment: str,
    ) -> None:
        self._stack = ExitStack()
        self._through, self._has_clocks, self._postgres_megabytes = through, has_clocks, postgres_megabytes
        self._workers, self._servers, self._changed = workers, servers, environment
        self._revision, self._code = revision, ROOT
        self._has_model = has_model
        self.model: ManagedProcess | None = None
        self.relays: dict[str, Relay] = {}
        self.webs: list[ManagedProcess] = []

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    @property
    def has_two_releases(self) -> bool:
        """Whether processes start as one release and are upgraded to another."""
        return bool(self._revision)

    @property
    def postgres(self) -> PostgresServer:
        """The database server."""
        assert self.embedded.postgres is not None
        return self.embedded.postgres

    @property
    def redis(self) -> RedisServer:
        """The Redis server."""
        assert self.embedded.redis is not None
        return self.embedded.redis

    @property
    def s3(self) -> S3Server:
        """The object store."""
        assert self.embedded.s3 is not None
        return self.embedded.s3

    @property
    def ports(self) -> list[int]:
        """Ports of the web servers, or of the relay before them."""
        return [self.relays["web"].port] if "web" in self.relays else [web.port for web in self.webs]

    def workers(self) -> list[psutil.Process]:
        """The web workers of all servers."""
        return [child for web in self.webs for child in web.children()]

    def set_clock(self, process: str, offset: str) -> None:
        """Restart `database` or `web-<n>` with another clock; changing it in a running process would break its timers.

        Parameters:
            offset: difference to the real time, such as `-3600s`.
        """
        self._clock_file(process).write_text(f"{offset}\n")
        if process == "database":
            self.postgres.restart()
        else:
            web = self.webs[int(process.removeprefix("web-"))]
            web.stop()
            web.start()

    def _clock_file(self, process: str) -> Path:
        return self.folder / f"{process}.clock"

    def _clock(self, process: str) -> dict[str, str]:
        """Variables that make a process read the time from a file."""
        library = faketime_library()
        if not self._has_clocks or library is None:
            return {}
        self.folder.chmod(0o755)
        self._clock_file(process).write_text("+0s\n")
        self._clock_file(process).chmod(0o644)
        return {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self._clock_file(process)),
            "FAKETIME_NO_CACHE": "1",
        }

    def release(self) -> float:
        """Migrate to the working tree, as `release` of the Procfile does; returns the seconds that it took.

        Raises:
            subprocess.CalledProcessError: it failed.
        """
        started = time.monotonic()
        migrate(self.ops.environment)
        return time.monotonic() - started

    def upgrade(self, program: ManagedProcess) -> None:
        """Restart a process with the working tree."""
        program.stop()
        program.code = ROOT
        program.start()

    def sql(self, statement: str, *values: Any, **named: Any) -> list[tuple[Any, ...]]:
        """Query Postgres directly, without a relay; with values by position or by name."""
        with closing(psycopg2.connect(self.postgres.url)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement, named or values)
                return cursor.fetchall() if cursor.description else []

    def redis_client(self) -> Redis:
        """A direct Redis client, without a relay."""
        return Redis.from_url(self.redis.url, socket_timeout=10)

    def health(self) -> tuple[int, dict[str, Any], float]:
        """Status, body and duration in seconds of `/api/v1/health`."""
        started = time.monotonic()
        answer = requests.get(f"http://127.0.0.1:{self.webs[0].port}/api/v1/health", timeout=15)
        return answer.status_code, answer.json(), time.monotonic() - started

    def gauges(self) -> dict[str, float]:
        """Resources that must return to their earlier level. Pooled connections have a separate bound."""
        workers = self.workers()
        pooled = {self.postgres.port, self.redis.port, self.s3.port} | {relay.port for relay in self.relays.values()}
        pools = sum(
            bool(connection.raddr) and connection.raddr.port in pooled
            for worker in workers
            for connection in worker.net_connections("tcp4")
        )
        found = self.sql(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return {
            "descriptors": sum(worker.num_fds() for worker in workers) - pools,
            "largest RSS MB": self.largest_rss(),
            "database connections": float(found[0][0]),
        }

    def largest_rss(self) -> float:
        """RSS of the largest web worker in MB; cheap enough to call while latencies are measured."""
        return max(worker.memory_info().rss for worker in self.workers()) / 2**20

    def max_connections(self) -> int:
        """Largest number of database connections: the pools of all processes, and the leader lock of `worker`."""
        return POOL * (self._workers * self._servers + 1) + 1

    def tracebacks(self) -> list[str]:
        """Log lines with tracebacks or errors."""
        found = []
        for program in [*self.webs, self.ops]:
            for line in program.log.read_text("utf-8", "replace").splitlines():
                if "Traceback" in line or '"level":"ERROR"' in line or '"level": "ERROR"' in line:
                    found.append(f"{program.log.name}: {line[:600]}")
        return found

    def save_logs(self, path: Path) -> None:
        """Copy the logs of chatapp out of the temporary folder."""
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"".join(program.log.read_bytes() for program in [*self.webs, self.ops]))

    def truncate_logs(self) -> None:
        """Truncate the logs: only later lines count."""
        for program in [*self.webs, self.ops]:
            os.truncate(program.log, 0)

    def _start(self) -> None:
        self.folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="chatapp-chaos-")))
        if self._postgres_megabytes and os.geteuid() == 0:
            self._stack.enter_context(small_disk(self.folder / "postgres", self._postgres_megabytes))
        clock = self._clock("database")
        embedded = ServersWithClock(self.folder, clock) if clock else EmbeddedServers(self.folder)
        self.embedded = self._stack.enter_context(embedded)
        if self._revision:
            self._code = check_out(self._revision, self.folder / "release-before")
        environment = self._environment()
        if self._has_model:
            environment |= self._start_model()
        migrate(environment, self._code)
        for number in range(self._servers):
            port = free_port()
            command = [sys.executable, "-m", "gunicorn", "wsgi:app"]
            own = {**environment, "PORT": str(port), "WEB_CONCURRENCY": str(self._workers)}
            own |= self._clock(f"web-{number}")
            log = self.folder / f"web-{number}.log"
            self.webs.append(self._run(ManagedProcess(command, own, log, port, self._code)))
        ops = [sys.executable, "-m", "chatapp.ops", "worker"]
        self.ops = self._run(ManagedProcess(ops, environment, self.folder / "worker.log", code=self._code))
        if "web" in self._through:
            self.relays["web"] = self._stack.enter_context(Relay(self.webs[0].port))

    def _start_model(self) -> dict[str, str]:
        """Returns the settings of an assistant that asks this model."""
        port = free_port()
        command = [sys.executable, "-m", "bench.language_model"]
        self.model = self._run(ManagedProcess(command, {"PORT": str(port)}, self.folder / "model.log", port))
        return {"ASSISTANT": "openai", "ASSISTANT_URL": f"http://127.0.0.1:{port}/v1", "ASSISTANT_MODEL": "words"}

    def _run(self, program: ManagedProcess) -> ManagedProcess:
        program.start()
        self._stack.callback(program.end)
        return program

    def _environment(self) -> dict[str, str]:
        found = {**self.embedded.services.environment(), **SETTINGS, "SERVICE_TOKEN": SERVICE_TOKEN}
        for name, variable, port in (
            ("postgres", "DATABASE_URL", self.postgres.port),
            ("redis", "REDIS_URL", self.redis.port),
            ("s3", "S3_ENDPOINT", self.s3.port),
        ):
            if name in self._through:
                relay = self.relays[name] = self._stack.enter_context(Relay(port))
                found[variable] = found[variable].replace(f":{port}", f":{relay.port}")
        return {**found, "DATABASE_POOL": str(POOL), "SHUTDOWN_SPREAD": "1s", **self._changed}
