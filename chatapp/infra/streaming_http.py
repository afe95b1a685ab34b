"""Requests to a server that the operator names, with responses that are read piece by piece as they arrive.

Four clocks bound a request, however slowly or quickly the server sends: for the connection, the head of the response,
each piece, and the whole. Sockets are gevent's, so only the calling greenlet waits, and one that is killed closes its
connection.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import gevent
from gevent import socket as cooperative_socket
from gevent import ssl
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as UrllibTimeout
from urllib3.util import parse_url

from chatapp import clock

_PIECE = 64 << 10  # bytes; a piece may have fewer
_CONNECTIONS = 20  # kept for later requests; more are opened and closed
_END_SECONDS = 0.1  # time for the end of a response whose content is complete, so that its connection is kept


@dataclass(frozen=True, slots=True)
class Clocks:
    """Limits of one request.

    Attributes:
        connect: seconds until there is a connection, with TLS.
        first_byte: seconds from then until the head of the response.
        silence: seconds between two pieces.
        max_bytes: of the whole response.
    """

    connect: float = 3.0
    first_byte: float = 15.0
    silence: float = 10.0
    max_bytes: int = 2 << 20


class RequestFailed(Exception):
    """There is no response, or not all of it; the message is a fixed text for logs.

    Attributes:
        is_timeout: the server was too slow, rather than away or wrong.
    """

    def __init__(self, message: str, *, is_timeout: bool = False) -> None:
        super().__init__(message)
        self.is_timeout = is_timeout


class StreamedResponse:
    """The response of a server, whose head has arrived.

    Parameters:
        response: with its body unread.
        clocks: bound the body.
        deadline: on the clock of `time.monotonic`.
    """

    def __init__(self, response: BaseHTTPResponse, clocks: Clocks, deadline: float) -> None:
        self._response = response
        self._clocks = clocks
        self._deadline = deadline

    @property
    def status(self) -> int:
        """The status code; redirects are responses, too."""
        return self._response.status

    @property
    def content_type(self) -> str:
        """The media type, without parameters and in lower case."""
        return self._response.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def retry_after(self) -> float | None:
        """Seconds after which the server wants to be asked again; None if it does not say."""
        value = self._response.headers.get("Retry-After", "").strip()
        if value.isascii() and value.isdigit():
            return float(value[:9])
        try:
            return max(0.0, (parsedate_to_datetime(value) - clock.now()).total_seconds())
        except (TypeError, ValueError, OverflowError):  # no date, or one without a zone
            return None

    def pieces(self) -> Iterator[bytes]:
        """The body as it arrives.

        Raises:
            RequestFailed: it is cut, too slow or too long.
        """
        left = self._clocks.max_bytes
        while piece := self._read(self._clocks.silence):
            left -= len(piece)
            if left < 0:
                raise RequestFailed("response is too long")
            yield piece

    def body(self) -> bytes:
        """The whole body.

        Raises:
            RequestFailed: it is cut, too slow or too long.
        """
        return b"".join(self.pieces())

    def read_end(self) -> None:
        """Say that the content is complete: the connection is kept if the response ends now."""
        try:
            self._read(_END_SECONDS)
        except RequestFailed:
            self._response.close()

    def _read(self, seconds: float) -> bytes:
        with _at_most(seconds, self._deadline, "server is silent"), _translated():
            return self._response.read1(_PIECE, decode_content=False)


class StreamingHttp:
    """A server, with connections that are used again.

    Parameters:
        url: of every request.
        user_agent: header of every request.
        clocks: limits of every request.
        tls: checks certificates.
    """

    def __init__(self, url: str, user_agent: str, clocks: Clocks, *, tls: ssl.SSLContext | None = None) -> None:
        target = parse_url(url)
        self._path = target.request_uri
        self._user_agent = user_agent
        self._clocks = clocks
        self._pool = _pool(target.scheme or "", target.host or "", target.port, tls)

    @contextmanager
    def post(self, body: bytes, headers: Mapping[str, str], *, deadline: float) -> Iterator[StreamedResponse]:
        """Send JSON, and read the response within the block. Redirects are not followed.

        Raises:
            RequestFailed: there is no response.
        """
        clocks = self._clocks
        sent = {
            "Content-Type": "application/json",
            "User-Agent": self._user_agent,
            "Accept-Encoding": "identity",
            **headers,
        }
        with _at_most(clocks.connect + clocks.first_byte, deadline, "server does not respond"), _translated():
            response = self._pool.urlopen(
                "POST",
                self._path,
                body=body,
                headers=sent,
                retries=False,
                redirect=False,
                timeout=Timeout(connect=clocks.connect, read=None),  # timers of gevent bound what follows
                preload_content=False,
                decode_content=False,
            )
        try:
            yield StreamedResponse(response, clocks, deadline)
        finally:
            response.close()  # ends the connection, unless the response was read to its end


class _PlainConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self)


class _TlsConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


def _pool(scheme: str, host: str, port: int | None, tls: ssl.SSLContext | None) -> HTTPConnectionPool:
    if scheme == "https":
        return _TlsPool(host, port, maxsize=_CONNECTIONS, ssl_context=tls or _verifying())
    return _PlainPool(host, port, maxsize=_CONNECTIONS)


def _verifying() -> ssl.SSLContext:
    """A context of gevent that checks certificates. `ssl.create_default_context` makes one whose sockets block."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_default_certs()
    return context


def _connect(connection: HTTPConnection) -> socket.socket:
    """
    Raises:
        RequestFailed: there is no connection.
    """
    try:
        opened: socket.socket = cooperative_socket.create_connection(
            (connection._dns_host, connection.port), connection.timeout
        )
    except TimeoutError as error:
        raise RequestFailed("server cannot be reached", is_timeout=True) from error
    except (OSError, UnicodeError) as error:  # the latter: a name that DNS cannot hold
        raise RequestFailed("server cannot be reached") from error
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return opened


@contextmanager
def _at_most(seconds: float, deadline: float, message: str) -> Iterator[None]:
    """Bound what is inside by the clock and the deadline. Timers of the caller pass through."""
    left = deadline - time.monotonic()
    if left <= 0:  # a server that sends without pause leaves no time for timers to fire
        raise RequestFailed("deadline has passed", is_timeout=True)
    failure = RequestFailed(message if seconds < left else "deadline has passed", is_timeout=True)
    with gevent.Timeout(min(seconds, left), failure):
        yield


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except HTTPError as error:
        is_timeout = isinstance(error, UrllibTimeout) or any(isinstance(cause, TimeoutError) for cause in error.args)
        raise RequestFailed(type(error).__name__, is_timeout=is_timeout) from error
