"""Responses arrive piece by piece, within four clocks and a bound in bytes; one left in the middle is closed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gevent
import pytest
from gevent import ssl

from chatapp.infra.streaming_http import Clocks, RequestFailed, StreamedResponse, StreamingHttp
from tests.flows.pools.tls import Authority, TlsInFront
from tests.infra.scripted_server import Client, Script, ScriptedServer, serving
from tests.servers import TIMEOUT

SHORT = 0.15  # seconds; only where the clock is expected to end the request


def ok(client: Client) -> None:
    client.respond(b'{"ok":true}')


def never(client: Client) -> None:
    client.wait_until_gone()


@contextmanager
def posted(
    server: ScriptedServer, *, seconds: float = TIMEOUT, path: str = "/v1/x", body: bytes = b"{}", **clocks: Any
) -> Iterator[StreamedResponse]:
    """The response to one request."""
    http = StreamingHttp(server.url + path, "test/1.0", Clocks(**clocks))
    with http.post(body, {"X-Key": "k"}, deadline=time.monotonic() + seconds) as response:
        yield response


def failure(server: ScriptedServer, **options: Any) -> RequestFailed:
    """Why a response cannot be read."""
    with pytest.raises(RequestFailed) as failed, posted(server, **options) as response:
        response.body()
    return failed.value


def test_a_request_and_its_response() -> None:
    with serving(ok) as server, posted(server, path="/v1/x?a=1", body=b'{"q":1}') as response:
        assert (response.status, response.content_type, response.body()) == (200, "application/json", b'{"ok":true}')
    (request,) = server.requests
    assert request.line == "POST /v1/x?a=1 HTTP/1.1"
    assert request.json == {"q": 1}
    sent = {name: request.headers[name] for name in ("content-type", "user-agent", "accept-encoding", "x-key")}
    assert sent == {
        "content-type": "application/json",
        "user-agent": "test/1.0",
        "accept-encoding": "identity",
        "x-key": "k",
    }


def test_each_piece_is_read_before_the_next_is_sent() -> None:
    def script(client: Client) -> None:
        client.begin()
        client.chunk(b"one")
        assert client._connection.recv(1) == b"!"
        client.chunk(b"two")
        client.end()

    with serving(script) as server, posted(server) as response:
        pieces = response.pieces()
        assert next(pieces) == b"one"
        response._response.connection.sock.sendall(b"!")  # type: ignore[union-attr]
        assert list(pieces) == [b"two"]


def test_a_redirect_is_not_followed() -> None:
    def script(client: Client) -> None:
        client.respond(b"", "Location: /other", status="307 Temporary Redirect")

    with serving(script) as server, posted(server) as response:
        assert response.status == 307
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("3", 3.0),
        ("0", 0.0),
        ("-1", None),
        ("soon", None),
        ("", None),
        ("9" * 400, 999_999_999.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Wed, 21 Oct 2015 07:28:00", None),
        ("Wed, 21 Oct 9999999 07:28:00 GMT", None),
    ],
)
def test_when_to_ask_again(header: str, seconds: float | None) -> None:
    def script(client: Client) -> None:
        client.respond(b"", f"Retry-After: {header}", status="429 Too Many Requests")

    with serving(script) as server, posted(server) as response:
        assert response.retry_after == seconds


def test_connections_are_used_again_after_whole_responses() -> None:
    def stream(client: Client) -> None:
        client.begin()
        client.chunk(b"data: [DONE]\n\n")
        client.end()

    with serving(stream) as server:
        http = StreamingHttp(server.url, "test/1.0", Clocks())
        for _ in range(3):
            with http.post(b"{}", {}, deadline=time.monotonic() + TIMEOUT) as response:
                assert next(response.pieces()) == b"data: [DONE]\n\n"
                response.read_end()
        assert (len(server.requests), server.connections) == (3, 1)


def test_a_response_left_in_the_middle_is_closed() -> None:
    def script(client: Client) -> None:
        client.begin()
        client.chunk(b"one")
        never(client)

    with serving(script, ok) as server:
        with posted(server) as response:
            assert next(response.pieces()) == b"one"
        assert server.gone.wait(TIMEOUT)


def test_an_end_that_does_not_come_closes_the_connection() -> None:
    def script(client: Client) -> None:
        client.begin()
        client.chunk(b"all")
        never(client)

    with serving(script) as server:
        with posted(server) as response:
            next(response.pieces())
            response.read_end()
        assert server.gone.wait(TIMEOUT)


def test_a_greenlet_that_is_killed_closes_its_connection() -> None:
    with serving(never) as server:
        reading = gevent.spawn(failure, server)
        assert server.asked.wait(TIMEOUT)
        reading.kill()
        assert server.gone.wait(TIMEOUT)


def test_a_time_out_of_the_caller_passes_through() -> None:
    with serving(never) as server, pytest.raises(gevent.Timeout), gevent.Timeout(SHORT), posted(server):
        pass
    assert server.gone.wait(TIMEOUT)


def head_only(client: Client) -> None:
    client.begin()
    never(client)


def drips_its_head(client: Client) -> None:
    client.send(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    client.repeat(b"x", 0.01)


def drips_its_chunk_size(client: Client) -> None:
    client.begin()
    client.repeat(b"0", 0.01)


def drips(client: Client) -> None:
    client.begin()
    client.repeat(b"1\r\nx\r\n", 0.01)


def floods(client: Client) -> None:
    client.begin()
    client.repeat(b"10000\r\n" + b"x" * 65536 + b"\r\n")


@pytest.mark.parametrize(
    ("script", "options", "message"),
    [
        (never, {"first_byte": SHORT - 3.0}, "server does not respond"),
        (drips_its_head, {"first_byte": SHORT - 3.0}, "server does not respond"),
        (never, {"seconds": SHORT}, "deadline has passed"),
        (head_only, {"silence": SHORT}, "server is silent"),
        (drips_its_chunk_size, {"silence": SHORT}, "server is silent"),
        (head_only, {"seconds": SHORT}, "deadline has passed"),
        (drips, {"seconds": SHORT}, "deadline has passed"),
        (floods, {"seconds": SHORT, "max_bytes": 1 << 40}, "deadline has passed"),
    ],
)
def test_a_slow_or_endless_response_times_out(script: Script, options: dict[str, Any], message: str) -> None:
    with serving(script) as server:
        failed = failure(server, **options)
        assert (str(failed), failed.is_timeout) == (message, True)
        assert server.gone.wait(TIMEOUT)


def test_a_deadline_that_has_passed_sends_nothing() -> None:
    with serving(ok) as server:
        assert failure(server, seconds=-1).is_timeout
        assert server.requests == []


def cut(client: Client) -> None:
    client.begin()
    client.chunk(b"one")
    client.hang_up()


def shorter_than_announced(client: Client) -> None:
    client.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345")
    client.hang_up()


def hangs_up(client: Client) -> None:
    client.hang_up()


def no_http(client: Client) -> None:
    client.send(b"SSH-2.0-OpenSSH_9.7\r\n\r\n")
    client.hang_up()


@pytest.mark.parametrize("script", [cut, shorter_than_announced, hangs_up, no_http])
def test_a_broken_response_is_no_time_out(script: Script) -> None:
    with serving(script) as server:
        assert not failure(server).is_timeout


def test_a_response_is_bounded_in_bytes() -> None:
    with serving(floods) as server:
        assert str(failure(server, max_bytes=1 << 20)) == "response is too long"
        assert server.gone.wait(TIMEOUT)


@pytest.mark.parametrize("host", ["127.0.0.1:1", "unknown.invalid", f"{'x' * 64}.invalid"])
def test_a_server_that_is_away(host: str) -> None:
    failed = failure(ScriptedServer(f"http://{host}"))
    assert (str(failed), failed.is_timeout) == ("server cannot be reached", False)


def test_certificates_are_verified(tmp_path: Path) -> None:
    authority = Authority()
    with serving(ok) as server:
        port = int(server.url.rpartition(":")[2])
        with TlsInFront(port, authority.certificate_for("127.0.0.1"), tmp_path / "tls") as front:
            url = f"https://127.0.0.1:{front.port}/"
            trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            trusted.load_verify_locations(cadata=authority.pem)
            http = StreamingHttp(url, "test/1.0", Clocks(), tls=trusted)
            with http.post(b"{}", {}, deadline=time.monotonic() + TIMEOUT) as response:
                assert response.body() == b'{"ok":true}'
            with (
                pytest.raises(RequestFailed, match="SSLError"),
                StreamingHttp(url, "test/1.0", Clocks()).post(b"{}", {}, deadline=time.monotonic() + TIMEOUT),
            ):
                pass
