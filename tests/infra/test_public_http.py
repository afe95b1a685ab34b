"""Pages of the public Internet are fetched, and nothing else, whatever servers and names do."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from gevent import ssl

from chatapp.infra.public_http import MAX_BYTES, MAX_REDIRECTS, MAX_URL, Fetched, NotFetched, PublicHttp
from tests.flows.pools.tls import Authority, TlsInFront
from tests.infra.hostile_servers import PUBLIC, Network, page, redirect, sends, sends_forever, serving
from tests.servers import TIMEOUT

HTML = ("text/html",)
URL = "http://example.com/page?q=1"
OK = page(b"<title>ok</title>")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


def fetch(network: Network, url: str = URL, **options: Any) -> Fetched:
    """Fetch a page over this network."""
    http = PublicHttp("test/1.0", resolve=network.resolve, connect=network.connect, **options)
    return http.fetch(url, HTML)


def refusal(network: Network, url: str = URL, **options: Any) -> str:
    """Why a page is not fetched."""
    with pytest.raises(NotFetched) as refused:
        fetch(network, url, **options)
    return str(refused.value)


def test_a_page() -> None:
    with serving(sends(page(b"<title>ok</title>", content_type="text/HTML; charset=KOI8-R"))) as network:
        assert fetch(network) == Fetched(URL, "text/html", "koi8-r", b"<title>ok</title>")
    (request,) = network.requests
    assert request.startswith(b"GET /page?q=1 HTTP/1.1\r\nHost: example.com\r\nUser-Agent: test/1.0\r\n")
    assert b"Accept-Encoding: identity\r\n" in request
    assert network.connected == [(PUBLIC, 80)]


def test_names_and_paths_outside_ascii() -> None:
    with serving(sends(OK)) as network:
        fetch(network, "http://пример.рф./страница%20а?я=1#часть")
    assert network.resolved == ["xn--e1afmkfd.xn--p1ai"]
    assert network.requests[0].startswith(b"GET /%D1%81")
    assert b"?%D1%8F=1 HTTP/1.1\r\nHost: xn--e1afmkfd.xn--p1ai\r\n" in network.requests[0]


REFUSED_URLS = {
    "file:///etc/passwd": "scheme or port",
    "ftp://example.com/": "scheme or port",
    "gopher://example.com/": "scheme or port",
    "//example.com/": "scheme or port",
    "example.com": "scheme or port",
    "": "scheme or port",
    "http://example.com:8080/": "scheme or port",
    "http://example.com:22/": "scheme or port",
    "https://example.com:80/": "scheme or port",
    "http://example.com:443/": "scheme or port",
    "http://example.com:99999/": "ValueError",
    "http://[::1": "ValueError",
    "http:///page": "host is not allowed",
    "http://user:secret@example.com/": "credentials",
    "http://user@example.com/": "credentials",
    "http://127.0.0.1/": "not public",
    "http://169.254.169.254/latest/meta-data/": "not public",
    "http://10.0.0.1/": "not public",
    "http://100.64.0.1/": "not public",
    "http://[::1]/": "not public",
    "http://[::ffff:127.0.0.1]/": "not public",
    "http://[fd00:ec2::254]/": "not public",
    "http://[fe80::1]/": "not public",
    "http://2130706433/": "host is not allowed",
    "http://0x7f000001/": "host is not allowed",
    "http://0177.0.0.1/": "host is not allowed",
    "http://127.1/": "host is not allowed",
    "http://internal.example.com/": "not public",
    "http://mixed.example.com/": "not public",
    "http://nowhere.example.com/": "not public",
    "http://" + "a" * 64 + ".рф/": "UnicodeError",
    "http://example.com/" + "a" * MAX_URL: "too long",
}


@pytest.mark.parametrize("url", REFUSED_URLS)
@pytest.mark.parametrize("is_redirected", [False, True])
def test_what_is_not_public_is_neither_fetched_nor_followed(url: str, is_redirected: bool) -> None:
    if is_redirected and url in ("", "example.com", "//example.com/", "http:///page"):
        url = "javascript:alert(1)"  # the others are relative to the page before
    first = URL if is_redirected else url
    with serving(sends(redirect(url))) as network:
        network.names |= {
            "internal.example.com": [["192.168.1.1"]],
            "mixed.example.com": [[PUBLIC, "10.0.0.1"]],
            "nowhere.example.com": [[]],
        }
        refused = refusal(network, first)
    assert len(network.connected) == (1 if is_redirected else 0)
    if not is_redirected:
        assert REFUSED_URLS[url] in refused


def test_a_name_that_changes_its_address_is_resolved_once() -> None:
    with serving(sends(OK)) as network:
        network.names["example.com"] = [[PUBLIC], ["127.0.0.1"]]
        fetch(network)
        assert network.connected == [(PUBLIC, 80)]
        assert refusal(network) == "address is not public"
    assert len(network.connected) == 1


def test_each_redirect_is_resolved_and_checked_again() -> None:
    with serving(sends(redirect("http://www.example.com/next")), sends(redirect("/last")), sends(OK)) as network:
        assert fetch(network).url == "http://www.example.com/last"
    assert network.resolved == ["example.com", "www.example.com", "www.example.com"]


@pytest.mark.parametrize("status", ["301 Moved", "303 See Other", "307 Temporary", "308 Permanent"])
def test_redirects_of_every_kind(status: str) -> None:
    with serving(sends(redirect("/next", status)), sends(OK)) as network:
        assert fetch(network).url == "http://example.com/next"


def test_redirects_are_limited() -> None:
    with serving(*[sends(redirect("/again"))] * MAX_REDIRECTS, sends(OK)) as network:
        fetch(network)
    with serving(sends(redirect("/again"))) as network:
        assert refusal(network) == "too many redirects"
    assert len(network.connected) == MAX_REDIRECTS + 1


def test_of_ten_gigabytes_the_beginning_is_read() -> None:
    head = HEAD + b"Content-Length: 10000000000\r\n\r\n"
    with serving(sends_forever(head, b"x" * 65_536)) as network:
        assert fetch(network).body == b"x" * MAX_BYTES
        assert network.ended.wait(TIMEOUT), "the connection is closed"


def test_of_endless_chunks_the_beginning_is_read() -> None:
    head = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    with serving(sends_forever(head, b"1000\r\n" + b"x" * 4096 + b"\r\n")) as network:
        assert fetch(network).body == b"x" * MAX_BYTES


def test_without_a_length_the_page_ends_with_the_connection() -> None:
    with serving(sends(HEAD + b"\r\nshort")) as network:
        assert fetch(network).body == b"short"


SLOW = {
    "nothing": (b"", b"", 30.0),
    "the status line": (b"", b"H", 0.05),
    "headers": (HEAD, b"X", 0.05),
    "the body": (HEAD + b"Content-Length: 100000\r\n\r\n", b"x", 0.05),
    "chunk sizes": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"0", 0.05),
}


@pytest.mark.parametrize("what", SLOW)
def test_slow_drips_end_in_total(what: str) -> None:
    with serving(sends_forever(*SLOW[what])) as network:
        assert refusal(network, total_seconds=0.5) == "took too long"


def test_slow_redirects_end_in_total() -> None:
    def respond(connection: socket.socket, request: bytes) -> None:
        threading.Event().wait(0.2)
        connection.sendall(redirect("/again"))

    with serving(respond) as network:
        assert refusal(network, total_seconds=0.5) == "took too long"


FLOODS = {
    "header lines": (HEAD, b"X-Y: z\r\n"),
    "one header": (HEAD + b"X: ", b"z" * 1024),
    "a status line": (b"HTTP/1.1 200 ", b"z" * 1024),
    "interim responses": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "tiny chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1;" + b"x" * 100 + b"\r\nx\r\n"),
}


@pytest.mark.parametrize("what", FLOODS)
def test_floods_are_cut(what: str) -> None:
    with serving(sends_forever(*FLOODS[what])) as network:
        assert refusal(network) != "took too long"
        assert network.ended.wait(TIMEOUT), "the connection is closed"


BAD_RESPONSES = {
    "an error": page(b"x", status="404 Not Found"),
    "no content": page(b"", status="204 No Content"),
    "a picture": page(b"x", content_type="image/png"),
    "no type": b"HTTP/1.1 200 OK\r\n\r\n<title>x</title>",
    "gzip": page(b"x", "Content-Encoding: gzip"),
    "a redirect without a target": page(b"", status="302 Found"),
    "no HTTP": b"SSH-2.0-OpenSSH_9.6\r\n",
    "nothing": b"",
    "cut chunks": HEAD + b"Transfer-Encoding: chunked\r\n\r\nffff\r\nx",
    "a bad chunk size": HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nx",
}


@pytest.mark.parametrize("name", BAD_RESPONSES)
def test_bad_responses_are_refused(name: str) -> None:
    with serving(sends(BAD_RESPONSES[name])) as network:
        refusal(network)


def test_servers_and_names_that_are_away() -> None:
    def resolves_nothing(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror

    def connects_nowhere(address: str, port: int) -> socket.socket:
        raise ConnectionRefusedError

    with pytest.raises(NotFetched, match="gaierror"):
        PublicHttp("test", resolve=resolves_nothing).fetch(URL, HTML)
    with pytest.raises(NotFetched, match="ConnectionRefusedError"):
        PublicHttp("test", resolve=lambda host, port: [PUBLIC], connect=connects_nowhere).fetch(URL, HTML)


def test_certificates_are_checked(tmp_path: Path) -> None:
    authority = Authority()
    trusting = ssl.create_default_context(cadata=authority.pem)
    certificate = authority.certificate_for("example.com")
    with serving(sends(OK)) as network, TlsInFront(network.port, certificate, tmp_path / "tls") as tls:
        network.port = tls.port
        assert fetch(network, "https://example.com/", tls=trusting).url == "https://example.com/"
        assert network.connected == [(PUBLIC, 443)]
        for url, context in (("https://www.example.com/", trusting), ("https://example.com/", None)):
            assert refusal(network, url, tls=context) == "SSLCertVerificationError"


def test_the_resolver_of_the_system_finds_what_must_not_be_fetched() -> None:
    with pytest.raises(NotFetched, match="not public"):
        PublicHttp("test").fetch("http://localhost/", HTML)
