"""From an HTTP request to an accepted WebSocket, and who may stay.

A request that is no proper upgrade gets an HTTP error. A proper one is always accepted, and closed with its code when
it is refused: browsers can read nothing else.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gevent
from flask import Blueprint, Flask, current_app, request
from gevent.event import Event as Signal
from werkzeug.exceptions import BadRequest
from wsproto.utilities import RemoteProtocolError

from chatapp.actor import Actor
from chatapp.dialects.edge.body import parse_json
from chatapp.errors import Unauthorised, Unavailable, Unreadable
from chatapp.realtime.connection import Connection
from chatapp.realtime.transport import FrameSocket
from config import Settings

SUBPROTOCOL = "access_token"  # browsers cannot set headers, but they can name subprotocols: this one and their token
RECEIVE_BYTES = 8192  # read at once; small frames come one by one, so more would only cost memory under a flood


@dataclass(frozen=True, kw_only=True)
class Door:
    """What a handshake asks; all of them look at the current request.

    Attributes:
        is_origin_allowed: whether the page that opens the socket may.
        count_opening: counts one more for the client's address; raises RateLimited.
        actor_from_token: who an access or socket token names; raises ChatError.
        redeem_ticket: who a ticket names, which is used up by it; raises ChatError.
        check_standing: raises Unauthorised where the person has been logged out, banned or removed meanwhile.
    """

    is_origin_allowed: Callable[[], bool]
    count_opening: Callable[[], None]
    actor_from_token: Callable[[str], Actor]
    redeem_ticket: Callable[[str], Actor]
    check_standing: Callable[[Actor], None]


class _Reader:
    """The `thread_class` of simple-websocket: a bare greenlet, a kilobyte lighter than one that can be joined."""

    __slots__ = ("name", "target")

    def __init__(self, target: Callable[[], None]) -> None:
        self.name = "socket reader"
        self.target = target

    def start(self) -> None:
        gevent.spawn_raw(self.target)


def server_options(settings: Settings) -> dict[str, Any]:
    """`SOCK_SERVER_OPTIONS` of flask-sock. Pings are the heartbeat's, so no `ping_interval`."""
    return {
        "subprotocols": [SUBPROTOCOL],
        "receive_bytes": RECEIVE_BYTES,
        "max_message_size": settings.ws_max_frame_bytes,
        "thread_class": _Reader,
        "event_class": Signal,
    }


def prepare_upgrades(where: Blueprint | Flask, settings: Settings) -> None:
    """Check upgrades to the socket routes of a blueprint, and put our socket under them."""

    def prepare() -> None:
        if request.url_rule is None or not request.url_rule.websocket:
            return
        environ = request.environ
        _check_upgrade(environ)
        # permessage-deflate would cost 100 KB a socket and opens the way to compression bombs; this is its only switch.
        environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        if "gunicorn.socket" not in environ:
            raise Unavailable("socket_server")
        environ["gunicorn.socket"] = FrameSocket(environ["gunicorn.socket"], write_deadline=settings.ws_write_deadline)

    where.before_request(prepare)
    where.register_error_handler(RemoteProtocolError, _refuse_upgrade)


def _check_upgrade(environ: dict[str, Any]) -> None:
    """RFC 6455, 4.2.1, as far as the router has not looked."""
    if environ.get("HTTP_SEC_WEBSOCKET_VERSION") != "13":
        raise _WrongVersion("Only version 13 of WebSocket is spoken here.")
    try:
        key = base64.b64decode(environ.get("HTTP_SEC_WEBSOCKET_KEY", ""), validate=True)
        environ.get("HTTP_HOST", "").encode("latin-1").decode("idna")
    except (binascii.Error, ValueError):
        raise BadRequest("Sec-WebSocket-Key or Host is malformed.") from None
    if len(key) != 16 or environ["REQUEST_METHOD"] != "GET":
        raise BadRequest("A WebSocket begins with GET and a Sec-WebSocket-Key of 16 bytes.")


class _WrongVersion(BadRequest):
    code = 426

    def get_headers(self, *args: Any, **kwargs: Any) -> list[tuple[str, str]]:
        return [*super().get_headers(*args, **kwargs), ("Sec-WebSocket-Version", "13"), ("Upgrade", "websocket")]


def _refuse_upgrade(error: RemoteProtocolError) -> Any:
    return current_app.handle_user_exception(BadRequest("This is no WebSocket upgrade."))


def authenticate(connection: Connection, door: Door, auth_wait: float) -> Actor:
    """Who opened the socket: by ticket, subprotocol, token in the URL, or first frame; the first that is there counts.

    Parameters:
        auth_wait: seconds for the first frame.

    Raises:
        ChatError: nobody, or nobody who may.
        ConnectionClosed: the client left before it said.
    """
    if ticket := request.args.get("ticket"):
        return door.redeem_ticket(ticket)
    token = _token_of_subprotocol() or request.args.get("token") or _token_of_first_frame(connection, auth_wait)
    return door.actor_from_token(token)


def has_credentials() -> bool:
    """Whether the request itself says who it is from."""
    return bool(request.args.get("ticket") or _token_of_subprotocol() or request.args.get("token"))


def _token_of_subprotocol() -> str | None:
    offered = [part.strip() for part in request.headers.get("Sec-WebSocket-Protocol", "").split(",")]
    if SUBPROTOCOL not in offered:
        return None
    return next((part.removeprefix("Bearer_") for part in offered if part and part != SUBPROTOCOL), None)


def _token_of_first_frame(connection: Connection, auth_wait: float) -> str:
    """The token of `{"type":"auth","token":…}`, or of the same with a `payload`."""
    message = connection.receive(auth_wait)
    if message is None:
        raise Unauthorised()
    try:
        frame = read_frame(message)
    except Unreadable:
        raise Unauthorised() from None
    payload = frame.get("payload")
    token = payload.get("token") if isinstance(payload, dict) else frame.get("token")
    if frame.get("type") != "auth" or not isinstance(token, str):
        raise Unauthorised()
    return token


def read_frame(message: str | bytes) -> dict[str, Any]:
    """The JSON object of a text message, read as strictly as a body.

    Raises:
        Unreadable: binary, broken JSON, or JSON that is no object.
    """
    if isinstance(message, bytes):
        raise Unreadable("binary_frame")
    frame = parse_json(message.encode())
    if not isinstance(frame, dict):
        raise Unreadable("not_an_object")
    return frame
