"""Which worker of a server holds a socket, read from the kernel."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.people import Person, Socket
from tests.servers import ChatServer

ATTEMPTS = 20  # batches of sockets until every worker has one; the kernel distributes them arbitrarily
BATCH = 8


def worker_of(server: ChatServer, socket: Socket) -> int:
    """Process id of the worker at the other end."""
    inode = _inode(server.port, socket.port)
    master = server.process.pid
    workers = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    for worker in workers:
        for descriptor in Path(f"/proc/{worker}/fd").iterdir():
            try:
                if str(descriptor.readlink()) == f"socket:[{inode}]":
                    return int(worker)
            except FileNotFoundError:
                continue  # closed meanwhile
    raise AssertionError("no worker holds this socket")


def on_each_worker(
    person: Person, server: ChatServer, *, connect: Callable[[ChatServer], Socket] | None = None
) -> list[Socket]:
    """One socket of a user on each of two workers. `connect` opens one instead of `person.connects`."""
    open_socket = connect or person.connects
    found: dict[int, Socket] = {}
    for _ in range(ATTEMPTS):
        with ThreadPoolExecutor(BATCH) as pool:
            opened = list(pool.map(lambda _: open_socket(server), range(BATCH)))
        for socket in opened:
            if found.setdefault(worker_of(server, socket), socket) is not socket:
                socket.closes()
                person.sockets.remove(socket)
        if len(found) == 2:
            return [found[worker] for worker in sorted(found)]
    raise AssertionError(f"all sockets are on {list(found)}")


def _inode(local_port: int, remote_port: int) -> str:
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        ports = [int(address.rpartition(":")[2], 16) for address in fields[1:3]]
        if ports == [local_port, remote_port]:
            return fields[9]
    raise AssertionError("no such TCP connection")
