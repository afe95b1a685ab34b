"""How a connection ends: every close code, its reason, and whether the client should reconnect."""

from __future__ import annotations

from enum import Enum

CLOSE_GRACE = 5.0  # seconds for the peer to respond to our close frame before TCP is shut down
SILENT_GRACE = 2.0  # likewise for a peer that has been silent for WS_PONG_WAIT: a response is unlikely


class Close(Enum):
    """A reason to end a connection. `docs/sockets.md` is printed from these.

    Attributes:
        code: close code on the wire.
        text: reason on the wire.
        reconnects: whether the client should reconnect by itself, with back-off and its cursor.
        meaning: for authors of clients.
        grace: seconds between the close frame and the end of TCP, unless the peer responds earlier.
    """

    # A table, one code a line.
    # fmt: off
    NORMAL = 1000, "bye", False, "The client closed the socket."
    GOING_AWAY = 1001, "server is going away, reconnect", True, "This server is shutting down, for example for a deployment. Reconnect at once, with jitter."
    PROTOCOL_ERROR = 1002, "not a frame of RFC 6455", True, "Something on the way broke a frame."
    INVALID_TEXT = 1007, "text is not UTF-8", True, "A text frame is not UTF-8."
    POLICY = 1008, "policy violation", False, "Policy violation."
    TOO_BIG = 1009, "frame is too big", False, "A frame is larger than 64 KiB."
    INTERNAL_ERROR = 1011, "internal error", True, "A defect of the server."
    TRY_LATER = 1013, "server is full, try again later", True, "The server has no room for more sockets, or a service that it needs is down."
    MALFORMED = 4400, "too many malformed frames", False, "Ten unreadable frames in a row."
    UNAUTHORISED = 4401, "not authenticated", False, "No valid token; logged out, banned or removed; the token of another service has expired. Reconnect with a new token."
    FORBIDDEN = 4403, "not allowed", False, "The page's origin is not in `ALLOWED_ORIGINS`."
    HEARTBEAT_TIMEOUT = 4408, "no sign of life", True, "No data for `WS_PONG_WAIT`, not even a pong.", SILENT_GRACE
    IDLE = 4408, "idle for too long", True, "No frame but pongs for too long on an anonymous socket."
    REPLACED = 4409, "replaced by a newer connection", False, "A newer socket of the same user took the place of this one."
    TOO_SLOW = 4413, "too slow to read", True, "The client read less than 64 KB, or less than all that was queued, in 10 s; or more than 1 MB or 100 frames were queued."
    RATE_LIMITED = 4429, "too many connections opened, try again later", True, "Too many sockets were opened. Wait a minute."
    # fmt: on

    def __init__(self, code: int, text: str, reconnects: bool, meaning: str, grace: float = CLOSE_GRACE) -> None:
        self.code = code
        self.text = text
        self.reconnects = reconnects
        self.meaning = meaning
        self.grace = grace


class ConnectionClosed(Exception):
    """The connection was closed by either side.

    Attributes:
        code: close code; 1005 if the client gave none, 1006 if there was no close frame.
        text: the reason.
    """

    def __init__(self, code: int, text: str = "") -> None:
        super().__init__(f"closed with {code}: {text}")
        self.code = code
        self.text = text
