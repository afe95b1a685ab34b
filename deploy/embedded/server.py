"""One server process: launched, awaited, stopped, killed; the same for PostgreSQL, Redis and S3."""

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
READY_SECONDS = 60.0  # a cluster that recovers after kill -9 on a slow disk takes its time
STOP_SECONDS = 15.0  # PostgreSQL writes a checkpoint
POLL_SECONDS = 0.02
GRAVE_WORDS = ("FATAL", "PANIC", "Fatal", "Failed", "error:")
LAUNCHES = 4  # between choosing a free port and listening on it another process may take it


class Server:
    """A server that belongs to this process and never outlives it.

    Parameters: data_dir: its folder, made when absent. port: on 127.0.0.1; a free one is chosen when it is None.
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
        """Where clients find the server; valid once started."""
        raise NotImplementedError

    @property
    def pid(self) -> int:
        """The number of the main process. Raises: StartError: it is not running."""
        if self._process is None:
            raise StartError(f"{self.name} is not running.")
        return self._process.pid

    @property
    def log(self) -> Path:
        """What the server wrote since its last launch."""
        return self.folder.path / "log"

    def start(self) -> Self:
        """Launch and return when the server answers; nothing is left behind when it does not."""
        try:
            self.launch()
            self.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def launch(self) -> None:
        """Claim the folder and start the process without waiting for it. Call from a thread that lives on."""
        self.folder.open()
        self.folder.lock()
        self.prepare()
        self._spawn()

    def wait_ready(self) -> None:
        """Return when the launched server answers. Raises: StartError: it ended or did not answer in time."""
        deadline = time.monotonic() + READY_SECONDS
        launches = 1
        # The order counts: an answer while our process is dead comes from a stranger who took the port.
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
        """End the server politely, then by force; give its folder back. Harmless when it is not running."""
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
        """SIGKILL to the main process, as a crash would: nothing is flushed. The folder stays claimed."""
        if self._process is not None:
            family = self._family()
            self._process.kill()
            self._process.wait()
            _end(family)
            self._process = None

    def restart(self) -> Self:
        """Stop if it runs, then start again on the same port with the same data."""
        self.stop()
        return self.start()

    def __enter__(self) -> Self:
        return self if self._process is not None else self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def prepare(self) -> None:
        """Make what the server needs in its folder before it starts."""

    def command(self) -> list[str]:
        """The words that run the server in the foreground on `self.port`."""
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        """What the process gets as its environment."""
        return dict(os.environ)

    def input(self) -> bytes:
        """What the process reads on its standard input: the place for secrets, as `ps` shows arguments to all."""
        return b""

    def answers(self) -> bool:
        """Whether the server serves its protocol at this moment."""
        raise NotImplementedError

    def after_start(self) -> None:
        """What remains to be done on the running server."""

    def reason(self) -> str:
        """The line of the log that best says why the server ended."""
        lines = [line.strip() for line in self.log.read_text("utf-8", "replace").splitlines() if line.strip()]
        grave = [line for line in lines if any(word in line for word in GRAVE_WORDS)]
        return (grave or lines or ["it said nothing"])[-1]

    def may_launch_again(self) -> bool:
        """Whether the server ended because another process had taken the port that was found free."""
        if self._port_is_given or _is_free(self.port):
            return False
        self.port = 0
        return True

    def _spawn(self) -> None:
        self.port = self.port or _free_port()
        with self.log.open("wb") as log:
            # Apart from our terminal: its Ctrl-C must reach only us, who stop the servers after their clients.
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
        # The process may be dead already; wait_ready() then says why.
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
    """Orphans leave by themselves when they notice; the slow ones are killed, since a restart trips over them."""
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
