"""The environment of a measurement: embedded servers with real fsync, and a web process as in the Procfile."""

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
SECRET = "secret-key-of-the-benchmarks-0123456789"
TOKEN_SECONDS = 86_400  # longer than any soak
STOP_SECONDS = 30  # gunicorn's graceful_timeout is 20
START_SECONDS = 120  # until a server answers, on a busy machine
REPLY_SECONDS = 5
# High, not off: the limiters still count every message.
_LIMITS = ("SEND", "SEARCH", "UPLOAD", "AUTH", "CONNECT", "FRAMES_CONNECTION", "FRAMES_USER", "FRAMES_LIGHT", "DEFAULT")
SETTINGS = {
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
    """A web process to measure. It reads PORT and the variables of `Services.environment()`.

    Attributes:
        name: as shown in tables.
        preparation: a command that runs once before it, for example migrations; None for nothing.
        environment: additional variables.
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
    SETTINGS,
)


@dataclass
class Environment:
    """The running servers."""

    program: Program
    port: int
    servers: EmbeddedServers
    web: subprocess.Popen[bytes]
    profile: Path | None = None  # file for the profile of the worker; None for no profile
    others: list[tuple[int, subprocess.Popen[bytes]]] = field(default_factory=list)  # further web processes, by port

    @property
    def ports(self) -> list[int]:
        """Ports of all web processes."""
        return [self.port, *(port for port, _ in self.others)]

    @property
    def url(self) -> str:
        """Base address of the web process."""
        return f"http://127.0.0.1:{self.port}"

    def cpu_seconds(self) -> dict[str, float]:
        """CPU seconds used so far by web, Postgres and Redis with their children, and by the load generator."""
        assert self.servers.postgres is not None and self.servers.redis is not None
        pids = {
            "web": [self.web.pid, *(web.pid for _, web in self.others)],
            "postgres": [self.servers.postgres.pid],
            "redis": [self.servers.redis.pid],
        }
        used = {name: sum(map(_cpu_of_family, family)) for name, family in pids.items()}
        return {**used, "load": time.process_time()}

    def worker_rss(self) -> int:
        """Resident bytes of the largest web worker."""
        return max(child.memory_info().rss for child in psutil.Process(self.web.pid).children())


@contextmanager
def running_environment(
    program: Program = CHATAPP, *, workers: int = 1, webs: int = 1, is_s3_isolated: bool = False, **changed: str
) -> Iterator[Environment]:
    """Start everything in a temporary folder, and remove all of it afterwards.

    Parameters:
        program: the web process.
        workers: number of web workers of chatapp, in each web process.
        webs: number of web processes, each on its own port.
        is_s3_isolated: whether S3 is kept from affecting the measurement (see `isolated`).
        changed: environment variables that differ from `SETTINGS`.

    Raises:
        requests.RequestException: the web process is not healthy within 30 seconds.
    """
    with _servers(is_s3_isolated) as servers, ExitStack() as stack:
        ports = [free_port() for _ in range(webs)]
        environment = {
            **os.environ,
            **servers.services.environment(),
            **program.environment,
            "PORT": str(ports[0]),
            "WEB_CONCURRENCY": str(workers),
            **changed,
        }
        if program.preparation:
            subprocess.run(program.preparation, cwd=ROOT, env=environment, check=True, capture_output=True)
        started = [
            (port, stack.enter_context(_serving(program, port, {**environment, "PORT": str(port)}))) for port in ports
        ]
        (port, web), *others = started
        yield Environment(program, port, servers, web, others=others)


@contextmanager
def _servers(is_s3_isolated: bool) -> Iterator[EmbeddedServers]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chatapp-bench-")))
        if is_s3_isolated:
            s3_folder = stack.enter_context(isolated.isolated_folder())
            yield stack.enter_context(isolated.ServersWithIsolatedS3(folder, s3_folder / "s3"))
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
    """An access token of an external service for this user id; chatapp creates the user on the first request."""
    claims = {"sub": str(number), "username": f"person-{number}", "exp": int(time.time()) + TOKEN_SECONDS}
    return jwt.encode(claims, SECRET, algorithm="HS256")


def await_health(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            requests.get(f"http://127.0.0.1:{port}/health", timeout=REPLY_SECONDS).raise_for_status()
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
