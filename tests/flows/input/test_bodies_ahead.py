"""What our configuration of gunicorn leans on."""

from __future__ import annotations

import socket

from gunicorn.http.unreader import SocketUnreader


def test_no_more_of_a_body_is_received_ahead_than_was_asked_for() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sent = theirs.send(bytes(100_000))
        reader = SocketUnreader(ours)
        reader.max_body_chunk = 20_000  # as `gunicorn.conf.py` sets it for all
        assert len(reader.chunk(sent)) == 20_000
