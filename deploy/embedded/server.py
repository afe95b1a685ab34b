"""The process of one server: start, wait until ready, stop, kill. Shared by PostgreSQL, Redis and S3."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

import psutil

from deploy.embedded.folder import DataFolder, StartError

HOST = "127.0.0.1"
READY_SECONDS = 60.0  # a cluster that recovers after kill -9 on a slow disk is slow
STOP_SECONDS = 15.0  # PostgreSQL writes a checkpoint
POLL_SECONDS = 0.02
ERROR_WORDS = ("FATAL", "PANIC", "Fatal", "Failed", "error:")
LAUNCHES = 4  # attempts: another process may take the free port before the server listens on it


class Server:
    """A server that is a child of this process and exits with it.

    Parameters: data_dir: its folder, created on demand. port: on 127.0.0.1; None chooses a free one.
    Usable as a context manager. `start()` and `restart()` raise StartError with one sentence.
    """

    name: ClassVar[str]
    stop_signals: ClassVar[tuple[signal.Signals, ...]] = (signal.SIGTERM,)

    def __init__(self, data_dir: Path, port: int | None = None) -> None:
        self.folder = DataFolder(data_dir)
        self.port = port or 0
        self._port_is_given = port is not None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The URL of the server; valid once started."""
        raise NotImplementedError

    @property
    def pid(self) -> int:
        """The id of the main process. Raises: StartError: it is not running."""
        if self._process is None:
            raise StartError(f"{self.name} is not running.")
        return self._process.pid

    @property
    def log(self) -> Path:
        """The output of the server since its last launch."""
        return self.folder.path / "log"

    def start(self) -> Self:
        """Launch the server and return when it answers; stop it if it does not."""
        try:
            self.launch()
            self.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def launch(self) -> None:
        """Lock the folder and start the process without waiting for it. The calling thread must outlive the server."""
        self.folder.open()
        self.folder.lock()
        self.prepare()
        self._spawn()

    def wait_ready(self) -> None:
        """Return when the launched server answers. Raises: StartError: it exited or did not answer in time."""
        deadline = time.monotonic() + READY_SECONDS
        launches = 1
        # In this order: if our process is dead, the answer came from another process on the same port.
        while not self.answers() or self._has_ended():
            if self._has_ended():
                if launches >= LAUNCHES or not self.may_launch_again():
                    raise StartError(f"{self.name} did not start: {self.reason()} (see {self.log})")
                launches += 1
                self._spawn()
            if time.monotonic() > deadline:
                raise StartError(f"{self.name} did not answer within {READY_SECONDS:.0f} s (see {self.log})")
            time.sleep(POLL_SECONDS)
        self.after_start()

    def stop(self) -> None:
        """Stop the server, gracefully if possible, and release its folder. Does nothing if it is not running."""
        if self._process is not None:
            family = self._family()
            for stop_signal in self.stop_signals:
                self._process.send_signal(stop_signal)
                if self._ended_within(STOP_SECONDS):
                    break
            else:
                self._process.kill()
            self._process.wait()
            _end(family)
            self._process = None
        self.folder.unlock()

    def kill(self) -> None:
        """Kill the main process with SIGKILL, like a crash: nothing is flushed. The folder stays locked."""
        if self._process is not None:
            family = self._family()
            self._process.kill()
            self._process.wait()
            _end(family)
            self._process = None

    def restart(self) -> Self:
        """Stop the server and start it again on the same port with the same data."""
        self.stop()
        return self.start()

    def __enter__(self) -> Self:
        return self if self._process is not None else self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def prepare(self) -> None:
        """Prepare the folder before the server starts."""

    def command(self) -> list[str]:
        """The command that runs the server in the foreground on `self.port`."""
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        """The environment of the process."""
        return dict(os.environ)

    def input(self) -> bytes:
        """The standard input of the process, for secrets: `ps` shows arguments to everyone."""
        return b""

    def answers(self) -> bool:
        """Whether the server answers in its protocol now."""
        raise NotImplementedError

    def after_start(self) -> None:
        """Finish the setup on the running server."""

    def reason(self) -> str:
        """The line of the log that most likely says why the server exited."""
        lines = [line.strip() for line in self.log.read_text("utf-8", "replace").splitlines() if line.strip()]
        errors = [line for line in lines if any(word in line for word in ERROR_WORDS)]
        return (errors or lines or ["no output"])[-1]

    def may_launch_again(self) -> bool:
        """Whether the server exited because another process took the chosen port."""
        if self._port_is_given or _is_free(self.port):
            return False
        self.port = 0
        return True

    def _spawn(self) -> None:
        self.port = self.port or _free_port()
        with self.log.open("wb") as log:
            # In a separate session: Ctrl-C must reach only this process, which stops the servers after their clients.
            self._process = subprocess.Popen(
                self.command(),
                cwd=self.folder.path,
                env=self.environment(),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        assert self._process.stdin is not None
        # If the process is already dead, wait_ready() reports why.
        with contextlib.suppress(BrokenPipeError), self._process.stdin as stdin:
            stdin.write(self.input())

    def _has_ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def _ended_within(self, seconds: float) -> bool:
        assert self._process is not None
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _family(self) -> list[psutil.Process]:
        try:
            return psutil.Process(self.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []


def _end(processes: list[psutil.Process]) -> None:
    """Wait until orphaned children exit; kill slow ones, which would prevent a restart."""
    _, alive = psutil.wait_procs(processes, timeout=2)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=5)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
