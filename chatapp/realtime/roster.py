"""All sockets of this worker, authenticated or not. The hub has them by user."""

from __future__ import annotations

from collections.abc import Iterator

from chatapp.realtime.connection import Connection


class Roster:
    """The open connections of one process. Those that wait for the end of TCP are counted, but no longer listed.

    Attributes:
        draining_since: monotonic time since which the process is about to end; None before.
    """

    def __init__(self) -> None:
        self.draining_since: float | None = None
        self._connections: set[Connection] = set()
        self._ending: set[Connection] = set()
        self._past_frames = [0, 0]

    @property
    def is_draining(self) -> bool:
        """Whether the process is about to end, so that new sockets are refused."""
        return self.draining_since is not None

    def add(self, connection: Connection) -> None:
        """Add a connection after its handshake."""
        self._connections.add(connection)

    @property
    def open_count(self) -> int:
        """Sockets that are open, including those that wait for the end of TCP."""
        return len(self._connections) + len(self._ending)

    def begin_ending(self, connection: Connection) -> None:
        """Remove a connection from the list, but count it until `discard`."""
        self._ending.add(connection)
        self._remove(connection)

    def discard(self, connection: Connection) -> None:
        """Remove a connection whose TCP has ended; its frames stay counted."""
        self._ending.discard(connection)
        self._remove(connection)

    def _remove(self, connection: Connection) -> None:
        if connection in self._connections:
            self._connections.discard(connection)
            self._past_frames[0] += connection.frames_in
            self._past_frames[1] += connection.frames_out

    def stats(self) -> dict[str, int]:
        """Connections and users now, and frames since the start of this worker."""
        users = {connection.actor.id for connection in self if connection.actor is not None}
        return {
            "connections": len(self),
            "users": len(users),
            "frames_in": self._past_frames[0] + sum(connection.frames_in for connection in self),
            "frames_out": self._past_frames[1] + sum(connection.frames_out for connection in self),
        }

    def __len__(self) -> int:
        return len(self._connections)

    def __iter__(self) -> Iterator[Connection]:
        """A snapshot of the open connections, so that connections may come and go during the iteration."""
        return iter(list(self._connections))


roster = Roster()
