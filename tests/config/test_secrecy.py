"""The environment of processes that hold secrets cannot be read by others of the same user."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import requests

from tests.servers import ROOT, await_true, free_port

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc elsewhere")

# Root may look into everything by its capabilities. Without them it is a user like any other, here on both sides: who
# looks, and who is looked at. For tests that do not run as root this changes nothing.
WITHOUT_CAPABILITIES = (
    "import ctypes, os, sys\n"
    "for number in range(64): ctypes.CDLL(None).prctl(24, number, 0, 0, 0)\n"
    "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
)
WITHIN = 120.0  # seconds, on a busy machine


@contextmanager
def running(environment: dict[str, str], log: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A Python process of an ordinary user."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", WITHOUT_CAPABILITIES, *arguments],
            cwd=ROOT,
            env={**os.environ, **environment, "APP_ENV": "development"},
            stdout=output,
            stderr=output,
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(WITHIN)


def is_readable(pid: int) -> bool:
    """Whether another process of this user sees a secret in the environment of one."""
    look = f"print(b'SECRET_KEY' in open('/proc/{pid}/environ', 'rb').read())"
    result = subprocess.run(
        [sys.executable, "-c", WITHOUT_CAPABILITIES, "-c", look], capture_output=True, text=True, timeout=WITHIN
    )
    assert result.returncode == 0 or "PermissionError" in result.stderr, result.stderr
    return result.stdout.strip() == "True"


def test_others_are_readable(environment: dict[str, str], tmp_path: Path) -> None:
    """Or the tests below would prove nothing."""
    log = tmp_path / "log"
    with running(environment, log, "-c", "import time; print('up', flush=True); time.sleep(600)") as process:
        await_true(log.read_text, within=WITHIN)
        assert is_readable(process.pid)


def test_web_processes_are_not(environment: dict[str, str], tmp_path: Path) -> None:
    port = free_port()
    arguments = ["-m", "gunicorn", "wsgi:app"]
    with running({**environment, "PORT": str(port)}, tmp_path / "log", *arguments) as master:
        await_true(lambda: answers(port), within=WITHIN, what=(tmp_path / "log").read_text)
        (worker,) = psutil.Process(master.pid).children()
        assert not is_readable(master.pid)
        assert not is_readable(worker.pid)


def test_the_worker_process_is_not(environment: dict[str, str], tmp_path: Path) -> None:
    log = tmp_path / "log"
    with running(environment, log, "-m", "chatapp.ops", "worker") as process:
        await_true(lambda: "worker started" in log.read_text(), within=WITHIN, what=log.read_text)
        assert not is_readable(process.pid)


def answers(port: int) -> bool:
    """Whether a server is up."""
    try:
        return requests.get(f"http://127.0.0.1:{port}/health", timeout=5).status_code == 200
    except requests.RequestException:
        return False
