"""Timeouts, periods and limits of the client."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Timings:
    """Timeouts, periods and limits; times in seconds.

    Attributes:
        reconnect_first: ceiling of the first delay before a reconnect; doubles with each failure.
        reconnect_most: highest ceiling of that delay.
        stable_after: age of a connection after which the back-off is reset.
        connect_wait: timeout of the TCP connection and of the greeting.
        ping_after: silence after which a ping is sent.
        dead_after: silence after which a connection is abandoned.
        answer_wait: time after which an unanswered command is retried with its key.
        retry_first: ceiling of the first delay before a retry.
        retry_most: highest ceiling of that delay.
        poll_after_failures: consecutive failed attempts after which the client polls.
        poll_every: period of polling.
        refresh_frames: most live changes after which the cursor is renewed; each client draws at least half as many.
        refresh_every: the same in seconds; bounds the delay of a lost push.
        page: messages and changes per request.
        rest_wait: timeout of an HTTP response.
    """

    reconnect_first: float = 1.0
    reconnect_most: float = 30.0
    stable_after: float = 10.0
    connect_wait: float = 10.0
    ping_after: float = 20.0
    dead_after: float = 60.0
    answer_wait: float = 10.0
    retry_first: float = 0.5
    retry_most: float = 10.0
    poll_after_failures: int = 3
    poll_every: float = 5.0
    refresh_frames: int = 500
    refresh_every: float = 60.0
    page: int = 100
    rest_wait: float = 15.0
