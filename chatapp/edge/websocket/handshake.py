"""Turns an HTTP request into an accepted WebSocket, and authenticates its client.

A request that is not a valid upgrade gets an HTTP error. A valid one is always accepted, and a refusal closes the
socket with its code: browsers cannot read anything else.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any, NamedTuple

from flask import Blueprint, Flask, current_app, request
from simple_websocket import Server
from werkzeug.exceptions import BadRequest
from wsproto.utilities import RemoteProtocolError

from chatapp.auth.actor import Actor
from chatapp.edge.http.error_handlers import UPGRADE_HEADERS, UpgradeRequired
from chatapp.edge.http.request_body import parse_json
from chatapp.edge.websocket.admission import AdmissionPolicy
from chatapp.errors import Unauthorised, Unavailable, Unreadable
from chatapp.realtime.connection import Connection
from chatapp.realtime.frame_reader import TEXT, Frame
from chatapp.realtime.roster import Roster
from chatapp.realtime.transport import FrameSocket
from config import Settings

SUBPROTOCOL = "access_token"  # browsers cannot set headers, but can offer subprotocols: this one and their token
MAX_HOST = 253 + len(":65535")  # characters, RFC 1035; decoding IDNA takes quadratic time


class _NoReader:
    """Stands in for `thread_class` and `event_class` of simple-websocket, which must not read from the socket."""

    name = ""

    def __init__(self, target: Callable[[], None] | None = None) -> None:
        pass

    def start(self) -> None:
        pass


def server_options() -> dict[str, Any]:
    """`SOCK_SERVER_OPTIONS` of flask-sock. The heartbeat sends pings, so there is no `ping_interval`."""
    return {
        "subprotocols": [SUBPROTOCOL],
        "thread_class": _NoReader,
        "event_class": _NoReader,
    }


def take_over(ws: Server) -> FrameSocket:
    """Take the socket of an accepted handshake from simple-websocket, which frees its parsers and never closes it.

    flask-sock leaves a cycle that refers to `ws` until the garbage collector runs, so `ws` keeps nothing.
    """
    socket: FrameSocket = ws.sock
    ws.connected = False
    ws.sock = ws.ws = ws.thread = ws.environ = None
    return socket


def prepare_upgrades(where: Blueprint | Flask, settings: Settings, roster: Roster) -> None:
    """Check upgrades to the socket routes of a blueprint, and replace their socket with a `FrameSocket`."""
    most_open = settings.ws_max_connections + _closing_reserve(settings)

    def prepare() -> None:
        if request.url_rule is None or not request.url_rule.websocket:
            return
        environ = request.environ
        _check_upgrade(environ)
        if roster.open_count >= most_open:
            raise Unavailable("socket_server")
        received = _bytes_after_head(environ)
        # Disables permessage-deflate, which costs 100 KB per socket and allows compression bombs.
        environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        if "gunicorn.socket" not in environ:
            raise Unavailable("socket_server")
        environ["gunicorn.socket"] = FrameSocket(
            environ["gunicorn.socket"], write_deadline=settings.ws_write_deadline, received=received
        )

    where.before_request(prepare)
    where.register_error_handler(RemoteProtocolError, _refuse_upgrade)


def _closing_reserve(settings: Settings) -> int:
    """Open sockets above WS_MAX_CONNECTIONS: those that end, and those that are refused with a close code.

    Above that, upgrades are refused over HTTP, which keeps nothing open.
    """
    return 10 + settings.ws_max_connections // 10


def _check_upgrade(environ: dict[str, Any]) -> None:
    """Check what RFC 6455, 4.2.1 requires and the router has not checked."""
    host = environ.get("HTTP_HOST", "")
    if environ["SERVER_PROTOCOL"] == "HTTP/1.0" or not host:
        raise BadRequest("A WebSocket begins with HTTP/1.1 and a Host.")
    if environ.get("CONTENT_LENGTH", "0") not in ("", "0") or "HTTP_TRANSFER_ENCODING" in environ:
        raise BadRequest("A WebSocket handshake has no body.")
    if environ.get("HTTP_SEC_WEBSOCKET_VERSION") != UPGRADE_HEADERS["Sec-WebSocket-Version"]:
        raise UpgradeRequired()
    try:
        if len(host) > MAX_HOST:
            raise ValueError
        key = base64.b64decode(environ.get("HTTP_SEC_WEBSOCKET_KEY", ""), validate=True)
        host.encode("latin-1").decode("idna")
    except (binascii.Error, ValueError):
        raise BadRequest("Sec-WebSocket-Key or Host is malformed.") from None
    if len(key) != 16 or environ["REQUEST_METHOD"] != "GET":
        raise BadRequest("A WebSocket begins with GET and a Sec-WebSocket-Key of 16 bytes.")


def _bytes_after_head(environ: dict[str, Any]) -> bytes:
    """The frames that gunicorn has read with the request head: a client may send before it gets the response."""
    reader = getattr(environ["wsgi.input"], "reader", None)
    return b"" if reader is None else bytes(reader.unreader.take_buffered())


def _refuse_upgrade(error: RemoteProtocolError) -> Any:
    return current_app.handle_user_exception(BadRequest("Not a valid WebSocket upgrade."))


class Credentials(NamedTuple):
    """What the request of a socket identifies its user by. The ticket is looked at first, the session last."""

    ticket: str | None
    token: str | None
    session_id: str | None = None


def credentials_of_request(*, admits_visitors: bool = False) -> Credentials:
    """The credentials that the current request carries: a ticket, or a token as subprotocol or in the URL.

    Parameters:
        admits_visitors: whether the id of a session is one, too.
    """
    token = _token_of_subprotocol() or request.args.get("token") or None
    session_id = request.args.get("session_id") if admits_visitors else None
    return Credentials(request.args.get("ticket") or None, token, session_id or None)


def authenticate(connection: Connection, given: Credentials, policy: AdmissionPolicy, auth_wait: float) -> Actor:
    """The user who opened the socket: by the credentials of the request, or else by the first frame.

    Parameters:
        auth_wait: seconds to wait for the first frame.

    Raises:
        ChatError: the credentials are missing or not accepted.
        ConnectionClosed: the client disconnected first.
    """
    if given.ticket:
        return policy.redeem_ticket(given.ticket)
    if given.session_id and not given.token:
        return policy.visitor_of_session(given.session_id)
    return policy.actor_from_token(given.token or _token_of_first_frame(connection, auth_wait))


def _token_of_subprotocol() -> str | None:
    offered = [part.strip() for part in request.headers.get("Sec-WebSocket-Protocol", "").split(",")]
    if SUBPROTOCOL not in offered:
        return None
    return next((part.removeprefix("Bearer_") for part in offered if part and part != SUBPROTOCOL), None)


def _token_of_first_frame(connection: Connection, auth_wait: float) -> str:
    """The token of `{"type":"auth","token":…}`, which may be wrapped in a `payload`."""
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


def read_frame(message: Frame) -> dict[str, Any]:
    """Parse the JSON object of a text message, as strictly as a request body.

    Raises:
        Unreadable: the message is binary, invalid JSON, or not an object.
    """
    if message.opcode != TEXT:
        raise Unreadable("binary_frame")
    frame = parse_json(message.payload)
    if not isinstance(frame, dict):
        raise Unreadable("not_an_object")
    return frame
