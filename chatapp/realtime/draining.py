"""Graceful shutdown: on SIGTERM a worker closes its sockets with 1001, a few at a time, and finishes work in progress.

gunicorn's gevent worker does not know about WebSockets: it would end as soon as the requests in progress are done, and
cut the sockets off without a close frame.
"""

from __future__ import annotations

import logging
import random
import signal
from collections.abc import Callable
from time import monotonic
from types import FrameType

import gevent

from chatapp.realtime.closing import Close
from chatapp.realtime.connection import Connection
from chatapp.realtime.roster import Roster

log = logging.getLogger(__name__)

STEP = 0.05  # seconds between two groups of sockets
BUSY_TIMEOUT = 5.0  # seconds for frames in progress; statements time out after about as long


def install(roster: Roster, *, spread: float, on_begin: Callable[[], None] = lambda: None) -> None:
    """Make SIGTERM drain this worker before the previous handler runs. A second SIGTERM changes nothing.

    Parameters:
        spread: seconds over which the sockets are closed, so that clients do not all reconnect at once.
        on_begin: called in the signal handler, so it must not wait.
    """
    previous = signal.getsignal(signal.SIGTERM)

    def on_terminate(number: int, frame: FrameType | None) -> None:
        _begin(roster, spread)
        on_begin()
        if callable(previous):
            previous(number, frame)

    signal.signal(signal.SIGTERM, on_terminate)
    signal.siginterrupt(signal.SIGTERM, False)


def _begin(roster: Roster, spread: float) -> None:
    if not roster.is_draining:
        roster.draining_since = monotonic()
        gevent.spawn(drain, roster, spread)


def wait_for_sockets(roster: Roster, *, spread: float, within: float, notify: Callable[[], None]) -> None:
    """Wait until every socket is closed, TCP included. Starts draining if no signal has.

    Parameters:
        spread: as of `install`.
        within: seconds since the beginning of the draining; sockets that are open then are cut off.
        notify: called several times a second, to show that this process is alive.
    """
    _begin(roster, spread)
    assert roster.draining_since is not None
    while roster.open_count and monotonic() < roster.draining_since + within:
        notify()
        gevent.sleep(STEP)
    if roster.open_count:
        log.warning("sockets cut off", extra={"sockets": roster.open_count})


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
