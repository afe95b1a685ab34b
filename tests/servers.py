"""Real servers for tests: one PostgreSQL and S3 per run, one Redis per test process, and chatapp under gunicorn."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import requests

# Seconds. The server closes connections that are idle for two, possibly while a request is in flight.
KEEP_ALIVE_SECONDS = 0.3
TIMEOUT = 180.0  # seconds after which something has failed, even on a busy machine
ROOT = Path(__file__).resolve().parent.parent
SERVICE_TOKEN = "service-token-of-the-tests-0123456789"
SECRET_KEY = "secret-key-of-the-tests-0123456789abcdef"
TEMPLATE = "chatapp_template"
SHOP = "https://shop.example"  # an origin that `quick_server` allows
DEVICES = 4  # sockets per user there

# High, not off: the limiter runs in every test. Tests of limits start a server with the defaults.
_SOCKET_LIMITS = ("FRAMES_CONNECTION", "FRAMES_USER", "FRAMES_LIGHT")
_SESSION_LIMITS = ("SESSIONS", "SESSIONS_DAY", "QUESTIONS", "QUESTIONS_ADDRESS")
_LIMITS = (
    *("SEND", "SEARCH", "UPLOAD", "EXPORT", "AUTH", "TAKEN", "CONNECT", "DEFAULT"),
    *_SOCKET_LIMITS,
    *_SESSION_LIMITS,
)
HIGH_LIMITS = {
    **{f"LIMIT_{name}": "1000000/minute" for name in _LIMITS},
    "MAX_REQUESTS_AT_ONCE": "10000",
    "WS_FRAMES_PER_SECOND": "1000000",
}


@dataclass(frozen=True)
class Reply:
    """An HTTP response with its parsed JSON body."""

    status: int
    headers: Mapping[str, str]
    json: Any
    text: str

    @property
    def data(self) -> Any:
        """The data of a success."""
        assert self.json["success"] is True, self.text
        return self.json["data"]

    @property
    def error(self) -> str:
        """The key of an error."""
        assert self.json["success"] is False, self.text
        return str(self.json["error"])

    @property
    def code(self) -> str:
        """The code of an error in the social dialect."""
        assert self.json["success"] is False, self.text
        return str(self.json["error"]["code"])


class ChatServer:
    """chatapp's web process, as the Procfile starts it.

    Parameters:
        application: what gunicorn serves.
        is_traced: whether a run with coverage traces it, too, which takes a third of its time.
    """

    def __init__(
        self, environment: Mapping[str, str], *, log: Path, application: str = "wsgi:app", is_traced: bool = True
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {**environment, "PORT": str(self.port)}
        self.log = log
        self._application = application
        self._is_traced = is_traced
        self._http = requests.Session()
        self._http.trust_env = False  # looking for proxies and passwords takes a quarter of a request's time
        self._requested_at = 0.0
        self.start()

    def start(self) -> None:
        """Start, and wait until it is healthy."""
        command = [sys.executable, "-m", "gunicorn", self._application]
        environment = {**os.environ, **self.environment}
        if not self._is_traced:
            environment.pop("COVERAGE_PROCESS_CONFIG", None)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        await_true(self._is_healthy, what=lambda: self.log.read_text()[-3000:])

    def stop(self, number: int = signal.SIGINT) -> None:
        """Send a signal to the master, and wait for its end.

        SIGTERM, as platforms send it, takes three seconds: gunicorn looks for it, and for open requests, once a second.
        """
        self.process.send_signal(number)
        try:
            self.process.wait(30)
        finally:
            self.process.kill()
            self.process.wait()

    def request(
        self, method: str, path: str, *, token: str | None = None, headers: Mapping[str, str] | None = None, **body: Any
    ) -> Reply:
        """Make an HTTP request; `body` as for `requests` (json, data, params)."""
        sent = dict(headers or {})
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        if time.monotonic() - self._requested_at > KEEP_ALIVE_SECONDS:
            self._http.close()
        self._requested_at = time.monotonic()
        answer = self._http.request(method, self.url + path, headers=sent, timeout=TIMEOUT, **body)
        is_json = answer.headers.get("Content-Type", "").startswith("application/json")
        return Reply(answer.status_code, answer.headers, answer.json() if is_json else None, answer.text)

    def get(self, path: str, **options: Any) -> Reply:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> Reply:
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Any) -> Reply:
        return self.request("PUT", path, **options)

    def delete(self, path: str, **options: Any) -> Reply:
        return self.request("DELETE", path, **options)

    def _is_healthy(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()[-3000:]
        try:
            return self._http.get(self.url + "/health", timeout=1).status_code == 200
        except (requests.ConnectionError, requests.Timeout):
            return False


def free_port() -> int:
    """A free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def await_true(
    condition: Any, *, within: float = TIMEOUT, what: Any = lambda: "the condition did not become true"
) -> None:
    """Wait until the condition is true; fails the test after a timeout."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, what()
        time.sleep(0.02)


@contextmanager
def database_copy(server_url: str) -> Iterator[str]:
    """Create a migrated database for the block; yields its URL."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    base, _, _ = server_url.rpartition("/")
    with closing(psycopg2.connect(f"{base}/postgres")) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
            yield f"{base}/{name}"
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def make_template(server_url: str, environment: Mapping[str, str]) -> None:
    """Create and migrate the template of `database_copy`, with the command of the Procfile."""
    base, _, _ = server_url.rpartition("/")
    with closing(psycopg2.connect(f"{base}/postgres")) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {TEMPLATE}")
    command = [sys.executable, "-m", "chatapp.ops", "migrate"]
    environment = {**os.environ, **environment, "DATABASE_URL": f"{base}/{TEMPLATE}"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=TIMEOUT, stdout=subprocess.DEVNULL)
