"""The Node process whose clients are devices of the load."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gevent
import orjson
from gevent.lock import RLock

from chaos.node import find_node

_PROGRAM = Path(__file__).with_name("sdk_clients.mjs")
Receiver = Callable[[dict[str, Any]], None]


class SdkProcess:
    """Sends commands to the clients, and hands what they report to their devices.

    Both travel as JSON lines over one pair of sockets.

    Parameters:
        on_failure: what to do when the process fails, or an exception in it is not caught.

    Raises:
        FileNotFoundError: there is no Node.
    """

    def __init__(self, on_failure: Callable[[str], None]) -> None:
        node = find_node()
        if node is None:
            raise FileNotFoundError("no Node: install requirements-browser.txt")
        self._socket, other = socket.socketpair()
        with other:
            number = other.fileno()
            # Without a standard input of its own: Node makes that of the load, where the commands come from, blocking.
            self._process = subprocess.Popen(
                [node, str(_PROGRAM), str(number)], stdin=subprocess.DEVNULL, pass_fds=[number]
            )
        self._on_failure = on_failure
        self._writing = RLock()
        self._receivers: dict[int, Receiver] = {}
        gevent.spawn(self._read)

    def register(self, device: int, receiver: Receiver) -> None:
        """Hand the reports of a client to its device."""
        self._receivers[device] = receiver

    def send(self, **command: Any) -> None:
        """Send a command."""
        with self._writing:  # a long write lets other greenlets run, whose lines must not come in between
            self._socket.sendall(orjson.dumps(command) + b"\n")

    def _read(self) -> None:
        rest = b""
        while data := self._socket.recv(1 << 16):
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                self._receive(orjson.loads(line))
        self._on_failure("Node has ended")

    def _receive(self, report: dict[str, Any]) -> None:
        if "uncaught" in report:
            self._on_failure(report["uncaught"])
        else:
            self._receivers[report.pop("device")](report)
