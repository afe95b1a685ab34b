"""How long the client waits for what, in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Bounds and periods; those of time in seconds.

    Attributes:
        reconnect_first: ceiling of the first wait before coming back; doubles with each failure.
        reconnect_most: highest ceiling of that wait.
        stable_after: a connection that lived so long makes the next wait a first one again.
        connect_wait: longest wait for a TCP connection and for the greeting.
        ping_after: a ping is sent when nothing was heard for so long.
        dead_after: a connection on which nothing was heard for so long is given up.
        answer_wait: a command without an answer for so long is sent again, under its key.
        retry_first: ceiling of the first wait before an unanswered command is sent again.
        retry_most: highest ceiling of that wait.
        poll_after_failures: attempts in a row without a socket, after which the client polls.
        poll_every: period of polling.
        refresh_frames: live changes after which the cursor is renewed.
        refresh_every: the same in seconds: what a lost live push can be late by.
        page: messages and changes asked for at once.
        rest_wait: longest wait for an HTTP response.
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
