"""Graceful shutdown: on SIGTERM a worker closes its sockets with 1001, a few at a time, and finishes work in progress.

gunicorn's gevent worker does not know about WebSockets: it would wait for them until `graceful_timeout` and then cut
them off without a close frame.
"""

from __future__ import annotations

import logging
import random
import signal
from types import FrameType

import gevent

from chatapp.realtime.closing import Close
from chatapp.realtime.connection import Connection
from chatapp.realtime.roster import Roster

log = logging.getLogger(__name__)

STEP = 0.05  # seconds between two groups of sockets
BUSY_TIMEOUT = 5.0  # seconds for frames in progress; statements time out after about as long


def install(roster: Roster, *, spread: float) -> None:
    """Make SIGTERM drain this worker before the previous handler runs. A second SIGTERM changes nothing.

    Parameters:
        spread: seconds over which the sockets are closed, so that clients do not all reconnect at once.
    """
    previous = signal.getsignal(signal.SIGTERM)

    def on_terminate(number: int, frame: FrameType | None) -> None:
        if not roster.is_draining:
            roster.is_draining = True
            gevent.spawn(drain, roster, spread)
        if callable(previous):
            previous(number, frame)

    signal.signal(signal.SIGTERM, on_terminate)
    signal.siginterrupt(signal.SIGTERM, False)


def drain(roster: Roster, spread: float) -> None:
    """Close every connection with 1001 within `spread` seconds; those that handle a frame, when it is done."""
    waiting = list(roster)
    random.shuffle(waiting)
    log.info("draining", extra={"sockets": len(waiting), "spread": spread})
    steps = max(1, round(spread / STEP))
    size = -(-len(waiting) // steps)
    busy: list[Connection] = []
    while waiting:
        group, waiting = waiting[:size], waiting[size:]
        busy += _close_idle(group)
        if waiting:
            gevent.sleep(STEP)
    _close_when_done(busy)


def _close_idle(connections: list[Connection]) -> list[Connection]:
    """Close the connections that handle no frame; returns the others."""
    busy = [connection for connection in connections if connection.is_handling]
    for connection in connections:
        if not connection.is_handling:
            connection.close(Close.GOING_AWAY)
    return busy


def _close_when_done(busy: list[Connection]) -> None:
    """Respond to frames in progress first: without a response the clients would have to send them again."""
    with gevent.Timeout(BUSY_TIMEOUT, False):  # type: ignore[arg-type]
        while busy:
            gevent.sleep(STEP)
            busy = _close_idle(busy)
    for connection in busy:
        connection.close(Close.GOING_AWAY)
