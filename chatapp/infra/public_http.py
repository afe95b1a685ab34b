"""Fetching pages of the public Internet that users name, without giving them access to anything else.

A name is resolved once, all its addresses are checked, and the connection goes to one of the checked addresses: a name
that resolves differently a moment later changes nothing. The target of each redirect is checked in the same way. What a
server sends is bounded in bytes, and the whole fetch in time, however slowly or quickly it sends.
"""

from __future__ import annotations

import http.client
import io
import socket
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

import gevent
from gevent import socket as cooperative_socket
from gevent import ssl

from chatapp.infra.public_addresses import is_disguised, is_public

TOTAL_SECONDS = 10.0  # for one fetch: names, connections, handshakes, redirects and the body
MAX_REDIRECTS = 3
MAX_BYTES = 512 << 10  # of a body; the head of a page is in the first part of it
MAX_URL = 2048  # characters
_OVERHEAD_BYTES = 128 << 10  # of headers and chunk sizes in one response
_PORTS = {"http": 80, "https": 443}
_QUOTED = "%/:=&?~+!$,;'@()*[]"  # characters of a path and query that stay as they are

Resolve = Callable[[str, int], Sequence[str]]
Connect = Callable[[str, int], socket.socket]


class NotFetched(Exception):
    """A page was not fetched; the message is a fixed text for logs."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page.

    Attributes:
        url: after redirects.
        content_type: without parameters, in lower case.
        charset: as the header names it; None if it does not.
        body: at most the requested number of bytes; the rest of a longer one is not read.
    """

    url: str
    content_type: str
    charset: str | None
    body: bytes


@dataclass(frozen=True, slots=True)
class _Target:
    """What a URL names, in ASCII."""

    scheme: str
    host: str
    port: int
    path: str


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host.

    Raises:
        OSError: there are none.
    """
    found = cooperative_socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def connect(address: str, port: int) -> socket.socket:
    """Open a TCP connection.

    Raises:
        OSError: it is refused, or not answered.
    """
    opened: socket.socket = cooperative_socket.create_connection((address, port), timeout=TOTAL_SECONDS)
    return opened


class PublicHttp:
    """Fetches pages by GET.

    Parameters:
        user_agent: header of all requests.
        total_seconds: most time of one fetch.
        resolve: from a host and a port to addresses, which are then checked.
        connect: from a checked address and a port to a connection.
        tls: checks certificates.
    """

    def __init__(
        self,
        user_agent: str,
        *,
        total_seconds: float = TOTAL_SECONDS,
        resolve: Resolve = resolve,
        connect: Connect = connect,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._user_agent = user_agent
        self._total_seconds = total_seconds
        self._resolve = resolve
        self._connect = connect
        self._tls = tls or ssl.create_default_context()

    def fetch(self, url: str, content_types: Collection[str], *, max_bytes: int = MAX_BYTES) -> Fetched:
        """Fetch a page, following at most `MAX_REDIRECTS` redirects.

        Parameters:
            content_types: that are accepted; the body of another is not read.

        Raises:
            NotFetched: the URL is not allowed, or the server did not respond as a web server with such a page.
        """
        try:
            with gevent.Timeout(self._total_seconds, NotFetched("took too long")):
                for _ in range(MAX_REDIRECTS + 1):
                    found = self._fetch_once(url, content_types, max_bytes)
                    if isinstance(found, Fetched):
                        return found
                    url = found
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NotFetched(type(error).__name__) from error
        raise NotFetched("too many redirects")

    def _fetch_once(self, url: str, content_types: Collection[str], max_bytes: int) -> Fetched | str:
        """The page, or the URL that it redirects to."""
        target = _target(url)
        address = self._checked_address(target)
        connection = self._connect(address, target.port)
        try:
            if target.scheme == "https":
                connection = self._tls.wrap_socket(connection, server_hostname=target.host)
            connection.sendall(self._request(target))
            response = http.client.HTTPResponse(_Bounded(connection, max_bytes + _OVERHEAD_BYTES), method="GET")  # type: ignore[arg-type]
            response.begin()
            if response.status in (301, 302, 303, 307, 308):
                return urljoin(url, _header(response, "Location"))
            return _page(response, url, content_types, max_bytes)
        finally:
            connection.close()

    def _checked_address(self, target: _Target) -> str:
        """An address to connect to. If one of several is not public, none is used."""
        addresses = self._resolve(target.host, target.port)
        if not addresses or not all(map(is_public, addresses)):
            raise NotFetched("address is not public")
        return addresses[0]

    def _request(self, target: _Target) -> bytes:
        host = f"[{target.host}]" if ":" in target.host else target.host
        lines = (
            f"GET {target.path} HTTP/1.1",
            f"Host: {host}",
            f"User-Agent: {self._user_agent}",
            "Accept: text/html,application/xhtml+xml;q=0.9",
            "Accept-Encoding: identity",
            "Connection: close",
        )
        return "\r\n".join((*lines, "", "")).encode("ascii")


def _target(url: str) -> _Target:
    """
    Raises:
        NotFetched: the scheme, host or port is not allowed.
        ValueError: it is not a URL.
    """
    if len(url) > MAX_URL:
        raise NotFetched("address is too long")
    parts = urlsplit(url)
    scheme, host = parts.scheme.lower(), (parts.hostname or "").rstrip(".")
    if scheme not in _PORTS or (parts.port or _PORTS[scheme]) != _PORTS[scheme]:
        raise NotFetched("scheme or port is not allowed")
    if parts.username is not None or parts.password is not None:
        raise NotFetched("credentials are not allowed")
    if not host.isascii():
        host = host.encode("idna").decode("ascii")
    if not host or is_disguised(host):
        raise NotFetched("host is not allowed")
    path = quote(parts.path or "/", _QUOTED) + (f"?{quote(parts.query, _QUOTED)}" if parts.query else "")
    return _Target(scheme, host.lower(), _PORTS[scheme], path)


def _page(response: http.client.HTTPResponse, url: str, content_types: Collection[str], max_bytes: int) -> Fetched:
    content_type = response.headers.get_content_type()
    if response.status != 200 or content_type not in content_types:
        raise NotFetched("no such page")
    if response.getheader("Content-Encoding", "identity").strip().lower() != "identity":
        raise NotFetched("page is compressed")
    body = b""
    while len(body) < max_bytes and (piece := response.read(max_bytes - len(body))):
        body += piece
    charset = response.headers.get_content_charset()
    return Fetched(url, content_type, charset, body)


def _header(response: http.client.HTTPResponse, name: str) -> str:
    value = response.getheader(name)
    if not value:
        raise NotFetched("redirect without a target")
    return value


class _Bounded(io.RawIOBase):
    """The bytes of a connection up to a limit, where they end. A fast sender of endless headers ends here, too."""

    def __init__(self, connection: socket.socket, limit: int) -> None:
        self._connection = connection
        self._left = limit

    def makefile(self, mode: str) -> io.BufferedReader:
        """The reader that `HTTPResponse` uses."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        wanted = min(len(buffer), self._left)
        count = self._connection.recv_into(buffer, wanted) if wanted else 0
        self._left -= count
        return count
