"""Faults of the machine: clocks, disks, suspended processes."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from deploy.embedded import EmbeddedServers, PostgresServer
from deploy.embedded.server import Server


def faketime_library() -> Path | None:
    """Debian's libfaketime for multithreaded programs; None where it is not installed."""
    return next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


class PostgresWithClock(PostgresServer):
    """Postgres with a clock of its own. Parameters: clock: variables that make it read the time from a file.

    They are set after the change of user: the memory that libfaketime shares belongs to the user who started it.
    """

    def __init__(self, data_dir: Path, clock: dict[str, str]) -> None:
        super().__init__(data_dir)
        self._clock = clock

    def command(self) -> list[str]:
        words = super().command()
        program = next(index for index, word in enumerate(words) if word.endswith("/postgres"))
        variables = [f"{name}={value}" for name, value in self._clock.items()]
        return [*words[:program], "env", *variables, *words[program:]]


class ServersWithClock(EmbeddedServers):
    """The embedded servers, with a settable clock of Postgres."""

    def __init__(self, data_dir: Path, clock: dict[str, str]) -> None:
        super().__init__(data_dir, need_postgres=False)
        self.postgres = PostgresWithClock(data_dir / "postgres", clock)
        self._servers.append(self.postgres)


@contextmanager
def suspended(server: Server) -> Iterator[None]:
    """Suspend a process and its children for the block: it neither answers nor fails."""
    family = [psutil.Process(server.pid), *psutil.Process(server.pid).children(recursive=True)]
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGCONT)


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """A file system in memory that can be filled without side effects."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs", str(folder)]
    subprocess.run(mount, check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)
