"""`python app.py` from nothing: it serves, says how to log in, ends with Ctrl-C, and finds its data again."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.servers import ROOT, await_true, free_port

GREETING = "chatapp is running at"


class LocalRun:
    """One start of app.py, as from a terminal of its own."""

    def __init__(self, data: Path, output: Path) -> None:
        unset = ("DATABASE_URL", "REDIS_URL", "S3_ENDPOINT", "BIND_ADDRESS", "PROXY_HOPS")
        inherited = {key: value for key, value in os.environ.items() if key not in unset}
        self.output = output
        self.port = free_port()
        with output.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "app.py")],
                cwd="/",
                env={**inherited, "DATA_DIR": str(data), "PORT": str(self.port)},
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        self.family: list[psutil.Process] = []

    def starts(self) -> None:
        """Wait for the greeting."""
        try:
            await_true(self._has_greeted, what=self.text)
        finally:
            self.family = psutil.Process(self.process.pid).children(recursive=True)

    def text(self) -> str:
        """What it has printed."""
        return self.output.read_text("utf-8")

    def commands(self) -> str:
        """The lines to paste."""
        return "\n".join(line for line in self.text().splitlines() if re.match(r"(TOKEN=\$\()?curl ", line))

    def presses_ctrl_c(self) -> int:
        """SIGINT to the foreground group, as a terminal sends it; returns the exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(40)

    def _has_greeted(self) -> bool:
        assert self.process.poll() is None, self.text()
        return GREETING in self.text() and "/messages" in self.commands()


@contextmanager
def local_run(data: Path, output: Path) -> Iterator[LocalRun]:
    """A run that is over at the end, whatever the test did."""
    run = LocalRun(data, output)
    try:
        run.starts()
        yield run
    finally:
        run.process.kill()
        run.process.wait()
        for process in run.family:
            if process.is_running():
                process.kill()


def test_it_serves_ends_and_finds_its_data_again(tmp_path: Path) -> None:
    data = tmp_path / ("long-" * 20) / "data"  # longer than a unix socket's path may be
    with local_run(data, tmp_path / "first") as run:
        pasted = subprocess.run(["sh", "-c", run.commands()], capture_output=True, text=True, timeout=30)
        listed, sent = pasted.stdout.split('{"success":true')[1:]
        assert '"unread_count"' in listed and '"content":"Hello from curl"' in sent
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", run.port))  # another address of this machine
        assert run.presses_ctrl_c() == 0
        _, alive = psutil.wait_procs(run.family, timeout=30)
        assert not alive
    with local_run(data, tmp_path / "second") as run:
        assert "0 items and 0 messages created" in run.text()
        pasted = subprocess.run(["sh", "-c", run.commands()], capture_output=True, text=True, timeout=30)
        assert "Hello from curl" in pasted.stdout.split('{"success":true')[1]
        assert run.presses_ctrl_c() == 0
