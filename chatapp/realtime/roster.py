"""All sockets of this worker, authenticated or not. The hub has them by user."""

from __future__ import annotations

from collections.abc import Iterator

from chatapp.realtime.connection import Connection


class Roster:
    """The open connections of one process.

    Attributes:
        is_draining: the process is about to end; new sockets are refused.
    """

    def __init__(self) -> None:
        self.is_draining = False
        self._connections: set[Connection] = set()
        self._past_frames = [0, 0]

    def add(self, connection: Connection) -> None:
        """Add a connection after its handshake."""
        self._connections.add(connection)

    def discard(self, connection: Connection) -> None:
        """Remove a connection; its frames stay counted."""
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
