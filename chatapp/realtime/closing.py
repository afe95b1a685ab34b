"""How a connection ends: every close code, what it says, and whether the client should come back."""

from __future__ import annotations

from enum import Enum

CLOSE_GRACE = 5.0  # seconds that a peer has to answer our close frame before its TCP connection is cut
SILENT_GRACE = 2.0  # the same for a peer that has been silent for WS_PONG_WAIT: an answer is unlikely


class Close(Enum):
    """A reason to end a connection.

    Attributes:
        code: close code on the wire.
        text: reason on the wire.
        reconnects: whether the client should come back by itself, with back-off and its cursor.
        grace: seconds between the close frame and the cut, unless the peer answers before.
    """

    NORMAL = 1000, "bye", False
    GOING_AWAY = 1001, "server is going away, reconnect", True
    PROTOCOL_ERROR = 1002, "not a frame of RFC 6455", True
    INVALID_TEXT = 1007, "text is not UTF-8", True
    POLICY = 1008, "policy violation", False
    TOO_BIG = 1009, "frame is too big", False
    INTERNAL_ERROR = 1011, "internal error", True
    TRY_LATER = 1013, "server is full, try again later", True
    MALFORMED = 4400, "too many malformed frames", False
    UNAUTHORISED = 4401, "not authenticated", False
    FORBIDDEN = 4403, "not allowed", False
    HEARTBEAT_TIMEOUT = 4408, "no sign of life", True, SILENT_GRACE
    IDLE = 4408, "idle for too long", True
    REPLACED = 4409, "replaced by a newer connection", False
    TOO_SLOW = 4413, "too slow to read", True
    RATE_LIMITED = 4429, "too many connections opened, try again later", True

    def __init__(self, code: int, text: str, reconnects: bool, grace: float = CLOSE_GRACE) -> None:
        self.code = code
        self.text = text
        self.reconnects = reconnects
        self.grace = grace


class ConnectionClosed(Exception):
    """The connection has ended, by either side.

    Attributes:
        code: close code; 1005 when the client gave none, 1006 when there was no goodbye.
        text: the reason that was given.
    """

    def __init__(self, code: int, text: str = "") -> None:
        super().__init__(f"closed with {code}: {text}")
        self.code = code
        self.text = text
