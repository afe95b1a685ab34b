"""What a measurement runs on: embedded servers with real fsync, and a web process as the Procfile starts it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import jwt
import psutil
import requests

from bench import isolated
from bench.sockets import LoadSocket
from deploy.embedded import EmbeddedServers

ROOT = Path(__file__).resolve().parent.parent
SECRET = "the-secret-that-signs-tokens-of-a-bench"
STOP_SECONDS = 30  # gunicorn's graceful_timeout is 20
# High, not off: the limiters count every message.
_LIMITS = ("SEND", "UPLOAD", "AUTH", "CONNECT", "FRAMES_CONNECTION", "FRAMES_USER", "FRAMES_LIGHT", "DEFAULT")
ENVIRONMENT = {
    **{f"LIMIT_{name}": "1000000/minute" for name in _LIMITS},
    "MAX_REQUESTS_AT_ONCE": "10000",
    "WS_FRAMES_PER_SECOND": "1000000",
    "APP_ENV": "test",
    "AUTH_MODE": "external",
    "JWT_SECRET": SECRET,
    "LOG_LEVEL": "WARNING",
    "WS_MAX_CONNECTIONS": "20000",
}


@dataclass(frozen=True)
class Program:
    """A web process that can be put on a stage: it reads PORT and what `Services.environment()` says.

    Attributes:
        name: as tables show it.
        preparation: what runs once before it, for example migrations; None for nothing.
        environment: variables beside those of the servers.
        connect: the class of a client's connection.
    """

    name: str
    command: list[str]
    preparation: list[str] | None = None
    environment: dict[str, str] = field(default_factory=dict)
    connect: type[LoadSocket] = LoadSocket


CHATAPP = Program(
    "chatapp",
    [sys.executable, "-m", "gunicorn", "wsgi:app"],
    [sys.executable, "-m", "chatapp.ops", "migrate"],
    ENVIRONMENT,
)


@dataclass
class Stage:
    """The running servers."""

    program: Program
    port: int
    servers: EmbeddedServers
    web: subprocess.Popen[bytes]
    profile: Path | None = None  # where samples of the worker go; None for none

    @property
    def url(self) -> str:
        """Base address of the web process."""
        return f"http://127.0.0.1:{self.port}"

    def cpu_seconds(self) -> dict[str, float]:
        """CPU seconds used so far by web, Postgres and Redis, their children included, and by us who load them."""
        assert self.servers.postgres is not None and self.servers.redis is not None
        pids = {"web": self.web.pid, "postgres": self.servers.postgres.pid, "redis": self.servers.redis.pid}
        return {**{name: _cpu_of_family(pid) for name, pid in pids.items()}, "load": time.process_time()}

    def worker_rss(self) -> int:
        """Resident bytes of the largest web worker."""
        return max(child.memory_info().rss for child in psutil.Process(self.web.pid).children())


@contextmanager
def stage(
    program: Program = CHATAPP, *, workers: int = 1, has_s3_apart: bool = False, **changed: str
) -> Iterator[Stage]:
    """Start everything in a folder of its own, and leave nothing behind.

    Parameters:
        program: the web process.
        workers: web workers of chatapp.
        has_s3_apart: whether S3 is kept out of the way (see `apart`).
        changed: environment variables that differ from those of a bench.

    Raises:
        requests.RequestException: the web process does not answer within half a minute.
    """
    with _servers(has_s3_apart) as servers:
        port = free_port()
        environment = {
            **os.environ,
            **servers.services.environment(),
            **program.environment,
            "PORT": str(port),
            "WEB_CONCURRENCY": str(workers),
            **changed,
        }
        if program.preparation:
            subprocess.run(program.preparation, cwd=ROOT, env=environment, check=True, capture_output=True)
        with _serving(program, port, environment) as web:
            yield Stage(program, port, servers, web)


@contextmanager
def _servers(has_s3_apart: bool) -> Iterator[EmbeddedServers]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chatapp-bench-")))
        if has_s3_apart:
            s3_folder = stack.enter_context(isolated.folder_apart())
            yield stack.enter_context(isolated.ServersWithS3Apart(folder, s3_folder / "s3"))
        else:
            yield stack.enter_context(EmbeddedServers(folder))


@contextmanager
def _serving(program: Program, port: int, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    web = subprocess.Popen(program.command, cwd=ROOT, env=environment)
    try:
        await_health(port)
        yield web
    finally:
        web.send_signal(signal.SIGTERM)
        try:
            web.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            web.kill()
            web.wait()


def token_for(number: int) -> str:
    """An access token of another service for the person with this id; chatapp makes the person when it sees it."""
    claims = {"sub": str(number), "username": f"person-{number}", "exp": int(time.time()) + 3600}
    return jwt.encode(claims, SECRET, algorithm="HS256")


def await_health(port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            requests.get(f"http://127.0.0.1:{port}/health", timeout=1).raise_for_status()
            return
        except requests.RequestException:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _cpu_of_family(pid: int) -> float:
    process = psutil.Process(pid)
    total = 0.0
    for member in [process, *process.children(recursive=True)]:
        times = member.cpu_times()
        total += times.user + times.system
    return total
