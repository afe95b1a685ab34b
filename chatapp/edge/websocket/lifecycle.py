"""The life cycle of a socket, the same in every dialect: accept, authenticate, then handle frames until it ends."""

from __future__ import annotations

import logging
from time import monotonic
from typing import Any, Protocol

from flask import Blueprint, request
from flask_sock import Sock
from simple_websocket import Server

from chatapp import metrics
from chatapp.edge.websocket.admission import AdmissionPolicy
from chatapp.edge.websocket.handshake import authenticate, free_request, has_credentials, read_frame, take_over
from chatapp.errors import ChatError, Forbidden, RateLimited, Unauthorised, Unavailable
from chatapp.infra.postgres import reclaim_connection
from chatapp.realtime.closing import Close, ConnectionClosed
from chatapp.realtime.connection import Connection, FrameFormat
from chatapp.realtime.frame_reader import Frame
from chatapp.realtime.roster import Roster
from config import Settings

log = logging.getLogger(__name__)

MAX_MALFORMED = 10  # in a row; a client that sends more is broken, not mistaken

_REFUSALS = {
    Unauthorised: Close.UNAUTHORISED,
    Forbidden: Close.FORBIDDEN,
    RateLimited: Close.RATE_LIMITED,
    Unavailable: Close.TRY_LATER,
}


class SocketHandler(FrameFormat, Protocol):
    """What a socket calls: a dialect and its frames."""

    @property
    def default_type(self) -> str | None:
        """Type of a client frame that names none; None if the type is required."""
        ...

    @property
    def accepts_anonymous(self) -> bool:
        """Whether a client may connect without credentials; it then has no `connection.actor`."""
        ...

    def on_open(self, connection: Connection) -> None:
        """Send the greeting by `connection.greet`, after which events are delivered."""
        ...

    def on_close(self, connection: Connection) -> None:
        """Release what is kept for this connection. The hub has already removed it."""
        ...

    def on_frame(self, connection: Connection, frame: dict[str, Any]) -> None:
        """Handle a frame. A ChatError becomes an error frame, and the socket stays open."""
        ...

    def error_frame(self, error: ChatError, frame: dict[str, Any] | None) -> dict[str, Any]:
        """The error frame that refuses `frame`, which is None if it could not be parsed."""
        ...


class Hub(Protocol):
    """Delivers events to connections."""

    def add(self, connection: Connection) -> None:
        """Deliver events to an authenticated connection from now on."""
        ...

    def remove(self, connection: Connection) -> None:
        """Stop delivering to a connection that has ended."""
        ...

    def connections_of(self, user_id: int) -> list[Connection]:
        """A user's connections to this worker, oldest first."""
        ...


class SocketRoute:
    """The socket of a dialect. Each connection is served in the greenlet of its request."""

    def __init__(
        self, dialect: SocketHandler, *, policy: AdmissionPolicy, hub: Hub, roster: Roster, settings: Settings
    ) -> None:
        self._dialect = dialect
        self._policy = policy
        self._hub = hub
        self._roster = roster
        self._settings = settings

    def mount(self, blueprint: Blueprint, path: str) -> None:
        """Serve it at a path of a blueprint prepared by `handshake.prepare_upgrades`."""
        Sock().route(path, bp=blueprint, endpoint=self._dialect.name)(self.serve)

    def serve(self, ws: Server) -> None:
        """Serve one connection until it ends, including TCP."""
        connection = Connection(
            take_over(ws),
            self._dialect,
            remote_addr=request.remote_addr or "",
            max_frame_bytes=self._settings.ws_max_frame_bytes,
            frames_per_second=self._settings.ws_frames_per_second,
        )
        is_full = len(self._roster) >= self._settings.ws_max_connections
        self._roster.add(connection)
        metrics.socket_opened()
        try:
            self._admit(connection, is_full)
            free_request()
            self._handle_frames(connection)
        except ConnectionClosed:
            log.debug("socket closed", extra={"connection": connection.id})
        except ChatError as error:  # Postgres became unavailable during the greeting
            connection.close(_refusal_for(error))
        except Exception:
            log.exception("socket failed", extra={"connection": connection.id})
            connection.close(Close.INTERNAL_ERROR)
        finally:
            self._roster.discard(connection)
            metrics.socket_closed()
            connection.finish()

    def _admit(self, connection: Connection, is_full: bool) -> None:
        """Authenticate the client and check that it may connect.

        Raises:
            ConnectionClosed: it may not; the close frame has the reason.
        """
        refusal = self._refusal(is_full)
        if refusal is None:
            try:
                self._policy.count_opening()
                if not self._dialect.accepts_anonymous or has_credentials():
                    connection.actor = authenticate(connection, self._policy, self._settings.ws_auth_wait)
            except ChatError as error:
                refusal = _refusal_for(error)
            finally:
                reclaim_connection("handshake")
        if refusal is not None:
            connection.close(refusal)
            raise ConnectionClosed(refusal.code, refusal.text)

    def _refusal(self, is_full: bool) -> Close | None:
        """The reason to refuse the client before it is authenticated; None if there is none."""
        if self._roster.is_draining:
            return Close.GOING_AWAY
        if is_full:
            return Close.TRY_LATER
        return None if self._policy.is_origin_allowed() else Close.FORBIDDEN

    def _handle_frames(self, connection: Connection) -> None:
        """Greet the client, then handle its frames until the connection ends."""
        try:
            self._subscribe(connection)
            self._dialect.on_open(connection)
            reclaim_connection("on_open")
            malformed = 0
            while malformed < MAX_MALFORMED:
                message = connection.receive()
                assert message is not None
                connection.is_handling = True
                is_parsed = self._handle(connection, message)
                connection.is_handling = False
                malformed = 0 if is_parsed else malformed + 1
            connection.close(Close.MALFORMED)
        finally:
            self._hub.remove(connection)
            self._dialect.on_close(connection)
            reclaim_connection("on_close")

    def _subscribe(self, connection: Connection) -> None:
        """Subscribe the connection to events, and close the user's oldest connections above the limit.

        Raises:
            ConnectionClosed: access was revoked between the check of the token and the subscription to revocations.
        """
        connection.hold()
        self._hub.add(connection)
        if connection.actor is None:
            return
        try:
            self._policy.check_account_active(connection.actor)
        except Unauthorised:
            connection.close(Close.UNAUTHORISED)
            raise ConnectionClosed(Close.UNAUTHORISED.code, Close.UNAUTHORISED.text) from None
        # The limit across workers is kept in Redis (actions.presence_changes); this one also holds while Redis is down.
        for oldest in self._hub.connections_of(connection.actor.id)[: -self._settings.ws_max_connections_per_user]:
            oldest.close(Close.REPLACED)

    def _handle(self, connection: Connection, message: Frame) -> bool:
        """Handle one message. Returns False if it could not be parsed."""
        frame: dict[str, Any] | None = None
        started = monotonic()
        try:
            frame = read_frame(message)
            kind = self._type_of(frame)
            metrics.frame_received(kind)
            self._dialect.on_frame(connection, frame)
            metrics.frame_handled(kind, monotonic() - started)
        except ConnectionClosed:
            raise
        except ChatError as error:
            self._refuse(connection, error, frame)
        except Exception:
            log.exception("frame failed", extra={"connection": connection.id, "frame_type": self._type_of(frame)})
            self._refuse(connection, ChatError(), frame)
        finally:
            # A connection that waits for its client holds no database connection: the pool is far smaller.
            reclaim_connection(self._type_of(frame))
        return frame is not None

    def _type_of(self, frame: dict[str, Any] | None) -> str:
        """The type that a frame is counted under."""
        kind = None if frame is None else frame.get("type", self._dialect.default_type)
        return kind if isinstance(kind, str) else metrics.UNKNOWN

    def _refuse(self, connection: Connection, error: ChatError, frame: dict[str, Any] | None) -> None:
        metrics.frame_failed(self._type_of(frame))
        connection.send_json(self._dialect.error_frame(error, frame))


def _refusal_for(error: ChatError) -> Close:
    return next((close for kind, close in _REFUSALS.items() if isinstance(error, kind)), Close.UNAUTHORISED)
