"""Virus scanning by clamd, over its INSTREAM command. Files are streamed, never whole in memory."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

from chatapp.errors import TooLarge, Unavailable

_CHUNK = 65_536  # bytes
_CONNECT_WAIT = 5.0  # seconds
_PROGRESS_WAIT = 60.0  # seconds without any progress; clamd itself gives up on a file after two minutes
_MAX_ANSWER = 4096  # bytes
_DEFAULT_PORT = 3310
_FOUND = re.compile(r"stream: (.+?)(?:\([0-9a-f]+:\d+\))? FOUND")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of a scan.

    Attributes:
        signature: name of the detected malware; None for a clean file.
    """

    signature: str | None

    @property
    def is_clean(self) -> bool:
        """Whether nothing was detected."""
        return self.signature is None


class Scanner:
    """A client of one clamd. Each scan opens a connection, so any number of greenlets may scan."""

    def __init__(self, url: str, *, deadline: float = 120.0) -> None:
        """
        Parameters:
            url: `tcp://host:port`, `unix:///path` (CLAMD_URL).
            deadline: seconds for one file.
        Raises:
            ValueError: the URL is of another kind.
        """
        self._address = parse_address(url)
        self._deadline = deadline

    def scan(self, path: Path, *, within: float | None = None) -> Verdict:
        """Scan a file.

        Parameters:
            within: seconds until the caller's own deadline, if that may come first.

        Raises:
            Unavailable: clamd is unreachable, too slow or failing; a later attempt may succeed.
            TooLarge: `file_too_large_to_scan`: clamd's StreamMaxLength is below MAX_FILE_MB; retrying does not help.
        """
        until = monotonic() + min(self._deadline, self._deadline if within is None else within)
        try:
            with path.open("rb") as file, self._connected() as connection:
                _send_command(connection)
                while chunk := file.read(_CHUNK):
                    if not _send(connection, len(chunk).to_bytes(4, "big") + chunk, until):
                        break
                else:
                    _send(connection, bytes(4), until)
                answer = _answer(connection, until)
        except (ConnectionError, TimeoutError):
            raise Unavailable("scanner")
        return _verdict(answer)

    def _connected(self) -> socket.socket:
        try:
            if isinstance(self._address, tuple):
                return socket.create_connection(self._address, timeout=_CONNECT_WAIT)
            return _connected_to_path(self._address)
        except OSError:  # unknown or unreachable host, or missing socket
            raise Unavailable("scanner")


def _connected_to_path(path: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(_CONNECT_WAIT)
        connection.connect(path)
    except OSError:
        connection.close()
        raise
    return connection


def parse_address(url: str) -> tuple[str, int] | str:
    """Host and port, or the path of a Unix socket.

    Raises:
        ValueError: the URL is neither.
    """
    parts = urlsplit(url)
    if parts.scheme == "tcp" and parts.hostname and parts.path in ("", "/"):
        return parts.hostname, parts.port or _DEFAULT_PORT
    if parts.scheme == "unix" and not parts.netloc and parts.path.startswith("/"):
        return parts.path
    raise ValueError("must be tcp://host:port or unix:///path")


def _send_command(connection: socket.socket) -> None:
    connection.settimeout(_CONNECT_WAIT)
    connection.sendall(b"zINSTREAM\0")


def _send(connection: socket.socket, data: bytes, until: float) -> bool:
    """Send a chunk. False if clamd refuses more, in which case it has already answered."""
    connection.settimeout(_time_left(until))
    try:
        connection.sendall(data)
    except (BrokenPipeError, ConnectionResetError):
        return False
    return True


def _answer(connection: socket.socket, until: float) -> str:
    received = b""
    while b"\0" not in received and len(received) < _MAX_ANSWER:
        connection.settimeout(_time_left(until))
        data = connection.recv(_MAX_ANSWER)
        if not data:
            break
        received += data
    return received.partition(b"\0")[0].decode(errors="replace")


def _time_left(until: float) -> float:
    left = until - monotonic()
    if left <= 0:
        raise TimeoutError
    return min(left, _PROGRESS_WAIT)


def _verdict(answer: str) -> Verdict:
    if answer == "stream: OK":
        return Verdict(None)
    if found := _FOUND.fullmatch(answer):
        return Verdict(found[1])
    if "size limit exceeded" in answer:
        raise TooLarge("file_too_large_to_scan")
    raise Unavailable("scanner")
