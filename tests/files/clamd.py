"""The real virus scanner, from the system's packages, with one signature of our own."""

from __future__ import annotations

import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType

from tests import system_packages

# The test file that every scanner knows, taken apart: whole, it would have this very file put into quarantine.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
_SIGNATURE = f"Eicar-Test-Signature:0:*:{EICAR.hex()}\n"
_START_WAIT = 60.0  # seconds
PACKAGE = "clamav-daemon"


def program() -> str | None:
    """The daemon, installed where we may and it is missing; None where it cannot be had."""
    return system_packages.program("clamd", PACKAGE)


def needed_program() -> str:
    """The daemon; without it the test is skipped, and fails in CI."""
    return system_packages.needed_program("clamd", PACKAGE)


class Clamd:
    """A daemon of its own in a folder, on a unix socket and on TCP."""

    def __init__(self, program: str, folder: Path, *, max_bytes: int = 25 << 20) -> None:
        """Start it and wait until it answers.

        Parameters:
            folder: with a short path, that of a socket must fit into 107 bytes.
            max_bytes: StreamMaxLength.
        """
        database = folder / "database"
        database.mkdir()
        (database / "local.ndb").write_text(_SIGNATURE)
        self.socket = folder / "clamd.sock"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        settings = folder / "clamd.conf"
        settings.write_text(
            f"Foreground yes\nDatabaseDirectory {database}\nLocalSocket {self.socket}\nTCPSocket {self.port}\n"
            f"TCPAddr 127.0.0.1\nLogFile {folder / 'clamd.log'}\n"
            f"StreamMaxLength {max_bytes}\nTemporaryDirectory {folder}\n"
        )
        self.process = subprocess.Popen(
            [program, "--foreground", "--config-file", str(settings)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._await(folder / "clamd.log")

    def __enter__(self) -> Clamd:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()

    @property
    def urls(self) -> list[str]:
        """Both of its addresses."""
        return [f"unix://{self.socket}", f"tcp://127.0.0.1:{self.port}"]

    def _await(self, log: Path) -> None:
        until = time.monotonic() + _START_WAIT
        while not self._answers():
            output = log.read_text() if log.exists() else ""
            assert self.process.poll() is None and time.monotonic() < until, f"clamd does not start:\n{output}"
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"zPING\0")
                return connection.recv(5) == b"PONG\0"
        except OSError:
            return False
