"""gunicorn with the echo application."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from chatapp.realtime import ordering
from tests.realtime.raw_client import RawClient
from tests.servers import TIMEOUT, await_true

ROOT = Path(__file__).resolve().parents[2]
_ENVIRONMENT = {  # never connected to
    "DATABASE_URL": "postgresql://localhost/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "S3_ENDPOINT": "http://127.0.0.1:1",
    "WS_FRAMES_PER_SECOND": "1000000",  # these tests send floods
}


class EchoServer:
    """The running process."""

    def __init__(self, port: int, process: subprocess.Popen[str]) -> None:
        self.port = port
        self.process = process

    def connect(self, path: str = "/socket?token=alice", **options: object) -> RawClient:
        return RawClient(self.port, path, **options)  # type: ignore[arg-type]

    def join(self, name: str, **options: object) -> RawClient:
        """Connect as a user and read the greeting."""
        client = self.connect(f"/socket?token={name}", **options)
        assert client.read_json()["type"] == "connected"
        return client

    def state(self) -> dict[str, int]:
        return requests.get(f"http://127.0.0.1:{self.port}/state", timeout=30).json()

    def await_state(self, is_reached: Callable[[dict[str, int]], bool], within: float = TIMEOUT) -> dict[str, int]:
        """Poll until the state is reached; fails the test after a time-out."""
        deadline = time.monotonic() + within
        while not is_reached(state := self.state()):
            assert time.monotonic() < deadline, state
        return state


@contextmanager
def run_echo_server(**environment: str) -> Iterator[EchoServer]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-W", "error::gevent.monkey.MonkeyPatchWarning", "-m", "gunicorn",
         "tests.realtime.echo_app:app"],
        cwd=ROOT, env=os.environ | _ENVIRONMENT | {"PORT": str(port)} | environment, text=True, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        _await_listening(port, process)
        yield EchoServer(port, process)
    finally:
        process.send_signal(signal.SIGINT)  # no draining, which has its own tests
        try:
            process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def _await_listening(port: int, process: subprocess.Popen[str]) -> None:
    def listens() -> bool:
        assert process.poll() is None, process.communicate()[1]
        try:
            requests.get(f"http://127.0.0.1:{port}/state", timeout=30)
        except requests.ConnectionError:
            return False
        return True

    await_true(listens, what=lambda: "the echo server does not listen")


@pytest.fixture(autouse=True)
def hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may stop a test for longer than overtaking takes in production."""
    for name in ("HOLD", "HOLD_ALONE"):
        monkeypatch.setattr(ordering, name, 1.0)


@pytest.fixture(scope="package")
def echo_server() -> Iterator[EchoServer]:
    """A server with the limits of production."""
    with run_echo_server() as server:
        yield server
