"""What the frames of a socket still need of its handshake, whose request has ended: kept as values.

A greenlet of the pool serves many sockets. It sets `current` before it serves one.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import NamedTuple


class HandshakeFacts(NamedTuple):
    """Facts of the request that opened a socket.

    Attributes:
        language: negotiated from its Accept-Language.
        request_id: its id, for the logs of the socket; None if it has none.
    """

    language: str
    request_id: str | None


current: ContextVar[HandshakeFacts | None] = ContextVar("handshake_facts", default=None)
