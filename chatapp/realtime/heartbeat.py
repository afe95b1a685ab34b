"""The heartbeat: one greenlet of a worker that pings the quiet, drops the silent and the expired, and sees to it that
presence is refreshed, and revoked accounts are looked for.

No timer and no thread a socket: at 10,000 sockets a walk takes a few milliseconds.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic, time

import gevent

from chatapp.auth.actor import Actor
from chatapp.realtime.closing import Close
from chatapp.realtime.connection import Connection
from chatapp.realtime.framing import ping_frame
from chatapp.realtime.revocation_watch import RevocationWatch
from chatapp.realtime.roster import Roster

log = logging.getLogger(__name__)

TICK = 1.0  # how late a ping may be; small against WS_PING_PERIOD
TURN = 500  # connections that are looked at before others get the loop: pings cost a system call each
ANONYMOUS_IDLE = 600.0  # an unauthenticated socket that sends nothing of its own for so long is closed
REFRESH_PERIOD = 20.0  # presence keys live 60 s: two refreshes may fail

_PING = ping_frame()

Refresh = Callable[[list[Connection]], None]


class Heartbeat:
    """Walks all connections of a worker."""

    def __init__(
        self,
        roster: Roster,
        *,
        ping_period: float,
        pong_wait: float,
        refresh: Refresh | None = None,
        revocations: RevocationWatch | None = None,
    ) -> None:
        """Set it up; `start` starts it.

        Parameters:
            ping_period: seconds of silence after which a connection is pinged, and pinged again.
            pong_wait: seconds of silence after which it is dropped.
            refresh: gets all authenticated connections every 20 s, in a greenlet of its own; it may wait for Redis.
            revocations: checked when due, with every tick.
        """
        self._roster = roster
        self._ping_period = ping_period
        self._pong_wait = pong_wait
        self._refresh = refresh
        self._revocations = revocations
        self._next_refresh = monotonic() + REFRESH_PERIOD
        self._refreshing: gevent.Greenlet[..., None] | None = None
        self._greenlet: gevent.Greenlet[..., None] | None = None

    def start(self) -> None:
        """Begin, in the calling process."""
        self._greenlet = gevent.spawn(self._run)

    def stop(self) -> None:
        """End."""
        if self._greenlet is not None:
            self._greenlet.kill()

    def refresh_soon(self) -> None:
        """Refresh presence with the next tick: it may be lost."""
        self._next_refresh = monotonic()

    def _run(self) -> None:
        while True:
            gevent.sleep(TICK)
            try:
                self._walk()
                self._refresh_when_due()
                if self._revocations is not None:
                    self._revocations.ask_when_due()
            except Exception:
                log.exception("heartbeat failed, it goes on")

    def _walk(self) -> None:
        for count, connection in enumerate(self._roster, 1):
            self._look_at(connection, monotonic())
            if count % TURN == 0:
                gevent.sleep(0)

    def _look_at(self, connection: Connection, now: float) -> None:
        silence = now - connection.last_received
        if silence >= self._pong_wait and not connection.is_paused:
            connection.close(Close.HEARTBEAT_TIMEOUT)
        elif connection.actor is None and now - connection.last_frame_received >= ANONYMOUS_IDLE:
            connection.close(Close.IDLE)
        elif connection.actor is not None and _has_expired(connection.actor):
            connection.close(Close.UNAUTHORISED)
        elif silence >= self._ping_period and now - connection.last_pinged >= self._ping_period:
            connection.ping(_PING, now)

    def _refresh_when_due(self) -> None:
        """A refresh that still waits for Redis is not overtaken by the next."""
        now = monotonic()
        if self._refresh is None or now < self._next_refresh or self._refreshing:
            return
        self._next_refresh = now + REFRESH_PERIOD
        present = [connection for connection in self._roster if connection.actor is not None and connection.is_open]
        self._refreshing = gevent.spawn(self._refresh_safely, self._refresh, present)

    @staticmethod
    def _refresh_safely(refresh: Refresh, connections: list[Connection]) -> None:
        try:
            refresh(connections)
        except Exception:
            log.exception("presence not refreshed, the next time may do")


def _has_expired(actor: Actor) -> bool:
    """Whether the token of another service that opened a socket would be refused by now."""
    return actor.expires_at is not None and actor.expires_at <= time()
