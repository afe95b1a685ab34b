"""Pages and static files, as a browser gets them."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable

import pytest
import requests

from tests.servers import SHOP, ChatServer, Reply

HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
PAGES = ("/", "/login", "/chat", "/chat/7", "/chat/assistant", "/admin")


def urls(page: Reply) -> list[str]:
    found = re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)
    assert found
    return found


@pytest.mark.parametrize("path", PAGES)
def test_pages_run_under_a_strict_policy(server: ChatServer, path: str) -> None:
    page = server.get(path, headers=HTML)
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy and "trusted-types 'none'" in policy and "frame-ancestors 'none'" in policy
    assert page.headers["Permissions-Policy"].startswith("microphone=(self), geolocation=(self), camera=()")
    assert page.headers["Cross-Origin-Opener-Policy"] == page.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert (page.headers["X-Content-Type-Options"], page.headers["X-Frame-Options"]) == ("nosniff", "DENY")
    assert (page.headers["Referrer-Policy"], page.headers["Cache-Control"]) == ("no-referrer", "no-cache")
    assert "Set-Cookie" not in page.headers and "Strict-Transport-Security" not in page.headers
    for url in urls(page):
        assert server.get(url).status == 200, url


def test_the_bare_address_serves_the_client_to_browsers_alone(server: ChatServer) -> None:
    for accept in ("*/*", "application/json", "text/html;q=0", ""):
        reply = server.request("GET", "/", allow_redirects=False, headers={"Accept": accept})
        assert (reply.status, reply.headers["Location"]) == (302, "/swagger/"), accept
        assert "Accept" in reply.headers["Vary"]
    assert server.get("/", headers=HTML).text == server.get("/chat", headers=HTML).text
    assert "Accept" in server.get("/", headers=HTML).headers["Vary"]


def test_pages_are_in_the_language_of_the_browser(server: ChatServer) -> None:
    for sent, shown in (("th", "th"), ("sr-Cyrl", "sr"), ("ru-RU,en;q=0.5", "ru"), ("de", "en"), ("", "en")):
        page = server.get("/chat", headers={"Accept-Language": sent})
        assert f'<html lang="{shown}"' in page.text
        assert "Accept-Language" in page.headers["Vary"]


def test_hsts_is_sent_behind_tls_alone(start_server: Callable[..., ChatServer]) -> None:
    server = start_server(PROXY_HOPS="1")
    secure = server.get("/chat", headers={"X-Forwarded-Proto": "https"})
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000"
    plain = server.get("/chat")
    assert "Strict-Transport-Security" not in plain.headers
    for page, is_secure in ((secure, True), (plain, False)):
        assert page.headers["Content-Security-Policy"].count("report-uri /csp-reports") == 1
        assert page.headers["Content-Security-Policy"].endswith("; report-to csp") == is_secure
        assert page.headers.get("Reporting-Endpoints") == ('csp="/csp-reports"' if is_secure else None)


def test_static_files_are_kept_for_ever(quick_server: ChatServer) -> None:
    for url in urls(quick_server.get("/chat")):
        file = quick_server.get(url, headers={"Origin": SHOP})
        assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert file.headers["Access-Control-Allow-Origin"] == "*", "a listed origin gets no answer of its own"
        assert file.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert file.headers["Vary"] == "Accept-Encoding"
        assert file.headers["Content-Type"].startswith(
            {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}[url.rpartition(".")[2]]
        )


def test_files_and_pages_are_sent_compressed_and_only_once(server: ChatServer) -> None:
    (script,) = (url for url in urls(server.get("/chat")) if url.endswith(("main.js", "app.js")))
    for path in (script, "/chat"):
        answers = {}
        for encoding in ("gzip", "identity", "gzip;q=0, *;q=0.5"):
            answer = requests.get(server.url + path, headers={"Accept-Encoding": encoding}, stream=True, timeout=60)
            body = answer.raw.read(decode_content=False)
            is_compressed = answer.headers.get("Content-Encoding") == "gzip"
            assert is_compressed == (encoding == "gzip")
            answers[is_compressed] = gzip.decompress(body) if is_compressed else body, answer.headers["ETag"]
        assert answers[True][0] == answers[False][0]
        assert answers[True][1] != answers[False][1]
        known = {"Accept-Encoding": "gzip", "If-None-Match": answers[True][1]}
        again = server.get(path, headers=known)
        assert (again.status, again.text) == (304, "")


@pytest.mark.parametrize(
    "path",
    [
        "../package.json", "%2e%2e/package.json", "..%2fpackage.json", "client/..%5c..%5cpackage.json", "package.json",
        "pages/chat.html", "client/", "client//main.js", "client/main.js%00", "client/main.ts", "%c0%ae%c0%ae/config",
    ],
)  # fmt: skip
def test_nothing_else_can_be_read(server: ChatServer, path: str) -> None:
    base = urls(server.get("/chat"))[0].split("/")[2]
    prepared = requests.Request("GET", server.url).prepare()
    prepared.url = f"{server.url}/static/{base}/{path}"
    answer = requests.Session().send(prepared, allow_redirects=False, timeout=60)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")
    assert server.get(f"/static/{'0' * 16}/client/main.js").status == 404


@pytest.mark.parametrize(("path", "name"), [("/sdk.js", "ChatClient"), ("/sdk-core.js", "ChatCore")])
def test_the_sdk_of_the_present_version_is_found_from_everywhere(server: ChatServer, path: str, name: str) -> None:
    reply = server.request("GET", path, allow_redirects=False, headers={"Origin": "https://any.example"})
    assert (reply.status, reply.headers["Cache-Control"]) == (302, "public, max-age=300")
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert reply.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Set-Cookie" not in reply.headers
    sdk = server.get(reply.headers["Location"], headers={"Origin": "https://any.example"})
    assert (sdk.status, sdk.headers["Access-Control-Allow-Origin"]) == (200, "*")
    assert name in sdk.text


def test_the_api_reference_still_works(server: ChatServer) -> None:
    page = server.get("/swagger/", headers=HTML)
    assert "swagger-ui" in page.text and "script-src" not in page.headers["Content-Security-Policy"]
