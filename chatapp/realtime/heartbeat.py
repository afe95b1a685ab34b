"""The heartbeat: one greenlet per worker pings quiet connections, closes silent and expired ones, and schedules the
refresh of presence and the check for revocations.

There is no timer or thread per socket: a pass over 10,000 sockets takes a few milliseconds.
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

TICK = 1.0  # seconds between two passes: small compared to WS_PING_PERIOD
BATCH = 500  # connections checked before other greenlets run: each ping costs a system call
ANONYMOUS_IDLE = 600.0  # seconds without a frame after which an unauthenticated socket is closed
REFRESH_PERIOD = 20.0  # seconds; presence keys live for 60 s, so two refreshes may fail

_PING = ping_frame()

Refresh = Callable[[list[Connection]], None]


class Heartbeat:
    """Checks all connections of a worker in every tick."""

    def __init__(
        self,
        roster: Roster,
        *,
        ping_period: float,
        pong_wait: float,
        refresh: Refresh | None = None,
        revocations: RevocationWatch | None = None,
    ) -> None:
        """
        Parameters:
            ping_period: seconds of silence after which a connection is pinged, repeatedly.
            pong_wait: seconds of silence after which it is closed.
            refresh: called every 20 s with all authenticated connections, in a greenlet that may wait for Redis.
            revocations: closes revoked connections when its check is due.
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
        """Start the greenlet."""
        self._greenlet = gevent.spawn(self._run)

    def stop(self) -> None:
        """Stop the greenlet."""
        if self._greenlet is not None:
            self._greenlet.kill()

    def refresh_soon(self) -> None:
        """Refresh presence in the next tick, because Redis may have lost it."""
        self._next_refresh = monotonic()

    def _run(self) -> None:
        while True:
            gevent.sleep(TICK)
            try:
                self._walk()
                self._refresh_when_due()
                if self._revocations is not None:
                    self._revocations.check_when_due()
            except Exception:
                log.exception("heartbeat failed, will continue")

    def _walk(self) -> None:
        for count, connection in enumerate(self._roster, 1):
            self._check(connection, monotonic())
            if count % BATCH == 0:
                gevent.sleep(0)

    def _check(self, connection: Connection, now: float) -> None:
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
        """Refresh presence, unless the previous refresh is still waiting for Redis."""
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
            log.exception("presence not refreshed, will retry")


def _has_expired(actor: Actor) -> bool:
    """Whether the token that opened the socket, issued by another service, has expired."""
    return actor.expires_at is not None and actor.expires_at <= time()
