"""A process of chatapp, started as in the Procfile."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.environment import ROOT, await_health
from deploy.embedded.privileges import dying_with_parent

STOP_SECONDS = 25  # seconds until a process must end after SIGTERM; the platform waits 30


def migrate(environment: Mapping[str, str], code: Path = ROOT) -> None:
    """Run `release` of the Procfile. Parameters: code: the checkout that it runs.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    command = [sys.executable, "-m", "chatapp.ops", "migrate"]
    subprocess.run(command, cwd=code, env={**os.environ, **environment}, check=True, capture_output=True)


@dataclass
class ManagedProcess:
    """One process of the Procfile.

    Attributes:
        code: the checkout that it runs.
    """

    command: list[str]
    environment: dict[str, str]
    log: Path
    port: int = 0
    code: Path = ROOT
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; wait for a web server to be healthy."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*dying_with_parent("KILL"), *self.command],
                cwd=self.code,
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=log,
            )
        if self.port:
            await_health(self.port)

    def kill(self) -> None:
        """Send SIGKILL, and wait for the end."""
        assert self.process is not None
        family = self.children()
        self.process.kill()
        self.process.wait()
        for child in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()

    def stop(self) -> float:
        """Send SIGTERM; returns the seconds until the end. Raises: subprocess.TimeoutExpired: it did not end."""
        assert self.process is not None
        started, family = time.monotonic(), self.children()
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        psutil.wait_procs(family, timeout=5)
        return time.monotonic() - started

    def children(self) -> list[psutil.Process]:
        """gunicorn's workers."""
        try:
            return psutil.Process(self.process.pid).children() if self.process else []
        except psutil.NoSuchProcess:
            return []

    def end(self) -> None:
        """Resume it if it is suspended, and stop it if it runs."""
        if self.process is None or self.process.poll() is not None:
            return
        for process in [psutil.Process(self.process.pid), *self.children()]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.resume()
        self.stop()
