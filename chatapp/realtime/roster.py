"""All sockets of this worker, authenticated or not. Who of them is whom, the hub knows."""

from __future__ import annotations

from collections.abc import Iterator

from chatapp.realtime.connection import Connection


class Roster:
    """The open connections of one process.

    Attributes:
        is_draining: the process is about to end; new sockets are sent elsewhere.
    """

    def __init__(self) -> None:
        self.is_draining = False
        self._connections: set[Connection] = set()
        self._past_frames = [0, 0]

    def add(self, connection: Connection) -> None:
        """Count a connection, from its handshake on."""
        self._connections.add(connection)

    def discard(self, connection: Connection) -> None:
        """Forget it."""
        if connection in self._connections:
            self._connections.discard(connection)
            self._past_frames[0] += connection.frames_in
            self._past_frames[1] += connection.frames_out

    def stats(self) -> dict[str, int]:
        """Connections and people now, and frames since the start of this worker."""
        people = {connection.actor.id for connection in self if connection.actor is not None}
        return {
            "connections": len(self),
            "users": len(people),
            "frames_in": self._past_frames[0] + sum(connection.frames_in for connection in self),
            "frames_out": self._past_frames[1] + sum(connection.frames_out for connection in self),
        }

    def __len__(self) -> int:
        return len(self._connections)

    def __iter__(self) -> Iterator[Connection]:
        """Those open now; the caller may wait between two, connections that come or go meanwhile do no harm."""
        return iter(list(self._connections))


roster = Roster()
