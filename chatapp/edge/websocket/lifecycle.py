"""One socket from its admission to its end, the same in every dialect: authenticate, greet, handle frames, close."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any, Protocol

from chatapp import metrics
from chatapp.edge import handshake_facts
from chatapp.edge.handshake_facts import HandshakeFacts
from chatapp.edge.websocket.admission import AdmissionPolicy
from chatapp.edge.websocket.handshake import Credentials, authenticate, read_frame
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
    def admits_visitors(self) -> bool:
        """Whether the id of a session may take the place of credentials."""
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """What serves the sockets of a dialect."""

    dialect: SocketHandler
    policy: AdmissionPolicy
    hub: Hub
    roster: Roster
    settings: Settings


class SocketLife:
    """A socket after its handshake. It is served step by step, each in a greenlet of the pool.

    Between two steps it rests: it has no greenlet, and it never refers to the request that opened it.
    """

    __slots__ = ("_connection", "_facts", "_is_subscribed", "_malformed", "_service")

    def __init__(self, connection: Connection, service: Service, facts: HandshakeFacts) -> None:
        self._connection = connection
        self._service = service
        self._facts = facts
        self._is_subscribed = False
        self._malformed = 0  # unreadable frames in a row

    def begin(self, credentials: Credentials, refusal: Close | None) -> None:
        """The first step: admit the client unless it is refused, greet it, and handle the frames that have arrived."""

        def admit_and_greet() -> None:
            self._admit(credentials, refusal)
            self._subscribe()
            self._service.dialect.on_open(self._connection)
            reclaim_connection("on_open")
            self._handle_frames()

        self._take_step(admit_and_greet)

    def resume(self) -> None:
        """A further step: handle the frames that have arrived."""
        self._take_step(self._handle_frames)

    def _take_step(self, step: Callable[[], None]) -> None:
        """Take a step, then rest or end."""
        handshake_facts.current.set(self._facts)
        connection, rests = self._connection, False
        try:
            step()
            rests = True
        except ConnectionClosed:
            log.debug("socket closed", extra={"connection": connection.id})
        except ChatError as error:  # Postgres became unavailable during the greeting
            connection.close(refusal_for(error))
        except Exception:
            log.exception("socket failed", extra={"connection": connection.id})
            connection.close(Close.INTERNAL_ERROR)
        finally:
            if rests:
                connection.rest(self.resume)
            else:
                self._end()

    def _admit(self, credentials: Credentials, refusal: Close | None) -> None:
        """Authenticate the client.

        Raises:
            ConnectionClosed: it may not connect; the close frame has the reason.
        """
        service, connection = self._service, self._connection
        if refusal is None and (not service.dialect.accepts_anonymous or any(credentials)):
            try:
                connection.actor = authenticate(connection, credentials, service.policy, service.settings.ws_auth_wait)
            except ChatError as error:
                refusal = refusal_for(error)
            finally:
                reclaim_connection("handshake")
        if refusal is not None:
            connection.close(refusal)
            raise ConnectionClosed(refusal.code, refusal.text)

    def _subscribe(self) -> None:
        """Subscribe the connection to events, and close the user's oldest connections above the limit.

        Raises:
            ConnectionClosed: access was revoked between the check of the token and the subscription to revocations.
        """
        service, connection = self._service, self._connection
        self._is_subscribed = True
        connection.hold()
        service.hub.add(connection)
        if connection.actor is None:
            return
        try:
            service.policy.check_account_active(connection.actor)
        except Unauthorised:
            connection.close(Close.UNAUTHORISED)
            raise ConnectionClosed(Close.UNAUTHORISED.code, Close.UNAUTHORISED.text) from None
        # The limit across workers is kept in Redis (actions.presence_changes); this one also holds while Redis is down.
        for oldest in service.hub.connections_of(connection.actor.id)[: -service.settings.ws_max_connections_per_user]:
            oldest.close(Close.REPLACED)

    def _handle_frames(self) -> None:
        """Handle the messages that have arrived.

        Raises:
            ConnectionClosed: either side closed the connection.
        """
        connection = self._connection
        while (message := connection.next_message()) is not None:
            connection.is_handling = True
            is_parsed = self._handle(message)
            connection.is_handling = False
            self._malformed = 0 if is_parsed else self._malformed + 1
            if self._malformed >= MAX_MALFORMED:
                connection.close(Close.MALFORMED)
                raise ConnectionClosed(Close.MALFORMED.code, Close.MALFORMED.text)

    def _handle(self, message: Frame) -> bool:
        """Handle one message. Returns False if it could not be parsed."""
        connection, dialect = self._connection, self._service.dialect
        frame: dict[str, Any] | None = None
        started = monotonic()
        try:
            frame = read_frame(message)
            kind = self._type_of(frame)
            metrics.frame_received(kind)
            dialect.on_frame(connection, frame)
            metrics.frame_handled(kind, monotonic() - started)
        except ConnectionClosed:
            raise
        except ChatError as error:
            self._refuse(error, frame)
        except Exception:
            log.exception("frame failed", extra={"connection": connection.id, "frame_type": self._type_of(frame)})
            self._refuse(ChatError(), frame)
        finally:
            # A connection that waits for its client holds no database connection: the pool is far smaller.
            reclaim_connection(self._type_of(frame))
        return frame is not None

    def _type_of(self, frame: dict[str, Any] | None) -> str:
        """The type that a frame is counted under."""
        kind = None if frame is None else frame.get("type", self._service.dialect.default_type)
        return kind if isinstance(kind, str) else metrics.UNKNOWN

    def _refuse(self, error: ChatError, frame: dict[str, Any] | None) -> None:
        metrics.frame_failed(self._type_of(frame))
        self._connection.send_json(self._service.dialect.error_frame(error, frame))

    def _end(self) -> None:
        """The last step: unsubscribe, and wait for the end of TCP."""
        connection, service = self._connection, self._service
        try:
            if self._is_subscribed:
                self._unsubscribe()
        finally:
            service.roster.begin_ending(connection)
            metrics.socket_closed()
            try:
                connection.finish()
            finally:
                service.roster.discard(connection)

    def _unsubscribe(self) -> None:
        try:
            self._service.hub.remove(self._connection)
            self._service.dialect.on_close(self._connection)
        except Exception:
            log.exception("socket failed", extra={"connection": self._connection.id})
        finally:
            reclaim_connection("on_close")


def refusal_for(error: ChatError) -> Close:
    """The reason to close the socket of a client that may not connect."""
    return next((close for kind, close in _REFUSALS.items() if isinstance(error, kind)), Close.UNAUTHORISED)
