"""Real servers for tests: one PostgreSQL and S3 for the run, one Redis a test process, chatapp itself by gunicorn."""

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

# Seconds. The server ends a connection that was quiet for two, at times just when a request is on its way over it.
KEPT_OPEN = 1.0
TIMEOUT = 180.0  # seconds after which something has failed rather than being slow, on the busiest of machines
ROOT = Path(__file__).resolve().parent.parent
SERVICE_TOKEN = "service-token-of-the-tests-0123456789"
SECRET_KEY = "secret-key-of-the-tests-0123456789abcdef"
TEMPLATE = "chatapp_template"
SHOP = "https://shop.example"  # an origin that the quick server allows
DEVICES = 4  # sockets that one person may have there

# High, not off: the limiter runs in every test, and those about limits start a server with the defaults.
_LIMITS = ("SEND", "UPLOAD", "AUTH", "TAKEN", "CONNECT", "FRAMES_CONNECTION", "FRAMES_USER", "FRAMES_LIGHT", "DEFAULT")
HIGH_LIMITS = {
    **{f"LIMIT_{name}": "1000000/minute" for name in _LIMITS},
    "MAX_REQUESTS_AT_ONCE": "10000",
    "WS_FRAMES_PER_SECOND": "1000000",
}


@dataclass(frozen=True)
class Reply:
    """An HTTP response, its body parsed where it is JSON."""

    status: int
    headers: Mapping[str, str]
    json: Any
    text: str

    @property
    def data(self) -> Any:
        """What a success carries."""
        assert self.json["success"] is True, self.text
        return self.json["data"]

    @property
    def error(self) -> str:
        """The key of a refusal."""
        assert self.json["success"] is False, self.text
        return str(self.json["error"])

    @property
    def code(self) -> str:
        """The code of a refusal in the social dialect."""
        assert self.json["success"] is False, self.text
        return str(self.json["error"]["code"])


class ChatServer:
    """chatapp's web process, as the Procfile starts it.

    Parameters:
        application: what gunicorn serves.
    """

    def __init__(self, environment: Mapping[str, str], *, log: Path, application: str = "wsgi:app") -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {**environment, "PORT": str(self.port)}
        self.log = log
        self._application = application
        self._http = requests.Session()
        self._asked_at = 0.0
        self.start()

    def start(self) -> None:
        """Start, and wait until it answers."""
        command = [sys.executable, "-m", "gunicorn", self._application]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env={**os.environ, **self.environment}, stdout=log, stderr=log
            )
        await_true(self._answers, within=30, what=lambda: self.log.read_text()[-3000:])

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Signal the master, and wait for the end."""
        self.process.send_signal(number)
        try:
            self.process.wait(30)
        finally:
            self.process.kill()
            self.process.wait()

    def request(
        self, method: str, path: str, *, token: str | None = None, headers: Mapping[str, str] | None = None, **body: Any
    ) -> Reply:
        """One HTTP request; `body` as for `requests` (json, data, params)."""
        sent = dict(headers or {})
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        if time.monotonic() - self._asked_at > KEPT_OPEN:
            self._http.close()
        self._asked_at = time.monotonic()
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

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()[-3000:]
        try:
            return self._http.get(self.url + "/health", timeout=1).status_code == 200
        except (requests.ConnectionError, requests.Timeout):
            return False


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def await_true(holds: Any, *, within: float = TIMEOUT, what: Any = lambda: "it did not happen") -> None:
    """Ask until it holds; fails the test when it does not in time."""
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, what()
        time.sleep(0.02)


@contextmanager
def database_copy(server_url: str) -> Iterator[str]:
    """A fresh, migrated database of its own; returns its URL."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    base, _, _ = server_url.rpartition("/")
    with closing(psycopg2.connect(f"{base}/postgres")) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
            yield f"{base}/{name}"
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def make_template(server_url: str, environment: Mapping[str, str]) -> None:
    """Migrate the database that `database_copy` copies, through the Procfile's own command."""
    base, _, _ = server_url.rpartition("/")
    with closing(psycopg2.connect(f"{base}/postgres")) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {TEMPLATE}")
    command = [sys.executable, "-m", "chatapp.ops", "migrate"]
    environment = {**os.environ, **environment, "DATABASE_URL": f"{base}/{TEMPLATE}"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=60, stdout=subprocess.DEVNULL)
