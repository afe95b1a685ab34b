"""Shares the event loop fairly between long transfers: in each iteration only one transfer of the process proceeds.

A message passes through the loop about six times before it is delivered. If every transfer moved a piece in each
iteration, ten uploads would delay the message by sixty pieces. This way it is delayed by six, however many there are.
"""

from __future__ import annotations

import gevent
from gevent.lock import BoundedSemaphore

# gevent resumes greenlets that sleep for 0 s again and again, for up to 5 ms, before it polls sockets. A timer, however
# short, fires after the poll: chat's p99 beside ten uploads fell from 68 to 45 ms (`python -m bench files`).
_NEXT_ITERATION = 1e-6  # seconds

_turn = BoundedSemaphore(1)


def yield_to_loop() -> None:
    """Let the event loop poll its sockets and run other greenlets. Call it between two pieces of long work."""
    gevent.sleep(_NEXT_ITERATION)


def yield_turn() -> None:
    """Do the same, and wait for this transfer's turn. Call it between two pieces of a transfer."""
    with _turn:
        yield_to_loop()
