"""Invalid requests get the documented error, and store nothing."""

from __future__ import annotations

import gzip
import http.client
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.database import Database
from tests.flows.marketplace.conftest import Pair
from tests.people import CHAT
from tests.servers import ChatServer

pytestmark = pytest.mark.usefixtures("clean_log")

JSON = {"Content-Type": "application/json"}


def good(pair: Pair) -> dict[str, tuple[str, str, dict[str, Any], str]]:
    """Routes with a body: method, path, a valid body, and a field of it to invalidate."""
    return {
        "send": ("POST", "/messages", {"receiver_id": pair.bob.id, "content": "hi"}, "receiver_id"),
        "read": ("PUT", "/messages/read", {"chat_id": pair.chat_id, "message_ids": [pair.message["id"]]}, "chat_id"),
        "edit": ("PATCH", f"/messages/{pair.message['id']}", {"content": "edited"}, "content"),
        "mute": ("POST", f"/{pair.chat_id}/mute", {"until": "2030-01-01T00:00:00Z"}, "until"),
        "snooze": ("POST", f"/{pair.chat_id}/snooze", {"until": "2199-01-01T00:00:00Z"}, "until"),
        "draft": ("PUT", f"/{pair.chat_id}/draft", {"content": "draft"}, "content"),
    }


Invalidate = Callable[[dict[str, Any], str], tuple[str | bytes, dict[str, str]]]


def with_value(text: str) -> Invalidate:
    """The valid body, with one field set to this JSON text."""

    def invalidate(body: dict[str, Any], field: str) -> tuple[str, dict[str, str]]:
        return json.dumps({**body, field: "VALUE"}).replace('"VALUE"', text), JSON

    return invalidate


def as_is(data: str | bytes, **headers: str) -> Invalidate:
    """These bytes for every route."""
    return lambda body, field: (data, {**JSON, **headers})


def encoded(how: Callable[[str], bytes], headers: dict[str, str] = JSON) -> Invalidate:
    """The valid body in another encoding."""
    return lambda body, field: (how(json.dumps(body)), headers)


CASES: dict[str, tuple[int, Invalidate]] = {
    "broken JSON": (400, as_is('{"a":')),
    "no JSON": (400, as_is("hello")),
    "an array": (400, as_is("[]")),
    "a number": (400, as_is("1")),
    "null": (400, as_is("null")),
    "a text": (400, as_is('"x"')),
    "more after it": (400, encoded(lambda text: f"{text} x".encode())),
    "a byte order mark": (400, encoded(lambda text: text.encode("utf-8-sig"))),
    "UTF-16": (400, encoded(lambda text: text.encode("utf-16"))),
    "UTF-32": (400, encoded(lambda text: text.encode("utf-32"))),
    "Latin-1": (400, as_is('{"content":"é"}'.encode("latin-1"))),
    "gzip": (415, encoded(lambda text: gzip.compress(text.encode()), {**JSON, "Content-Encoding": "gzip"})),
    "gzip that hides": (400, encoded(lambda text: gzip.compress(text.encode()))),
    "plain text": (415, encoded(str.encode, {"Content-Type": "text/plain"})),
    "a form": (415, as_is("content=hi", **{"Content-Type": "application/x-www-form-urlencoded"})),
    "no content type": (415, encoded(str.encode, {})),
    "another charset": (415, encoded(str.encode, {"Content-Type": "application/json; charset=utf-16"})),
    "ten megabytes": (413, as_is(b'{"content":"' + b"x" * 10_000_000 + b'"}')),
    "1,000 levels": (400, with_value("[" * 1000 + "]" * 1000)),
    "100,000 levels": (400, with_value("[" * 100_000 + "]" * 100_000)),
    "NaN": (400, with_value("NaN")),
    "a field twice": (400, encoded(lambda text: (text[:-1] + "," + text[1:]).encode())),
    "a lone surrogate": (400, with_value('"\\ud800"')),
    "1e400": (400, with_value("1e400")),
    "5,000 digits": (400, with_value("7" * 5000)),
    "U+0000": (422, with_value('"\\u0000"')),
    "true": (422, with_value("true")),
    "a fraction": (422, with_value("1.5")),
    "2**63": (422, with_value(str(2**63))),
    "a negative number": (422, with_value("-1")),
    "a text for it": (422, with_value('"1"')),
    "an object for it": (422, with_value("{}")),
    "an unknown field": (422, encoded(lambda text: text.replace("{", '{"urgent":1,', 1).encode())),
}
WITHOUT_BODY = ("archive", "unarchive", "unmute", "pin", "unpin", "unsnooze", "mark-unread")


def request_raw(
    server: ChatServer, token: str, method: str, path: str, body: Any, headers: dict[str, str]
) -> tuple[int, Any]:
    """Make a request on a new connection; the response may arrive before the request is sent completely."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        data = body.encode() if isinstance(body, str) else body
        lengths = {} if data is None else {"Content-Length": str(len(data))}
        connection.putrequest(method, CHAT + path)
        for name, value in {**headers, **lengths, "Authorization": f"Bearer {token}"}.items():
            connection.putheader(name, value)
        connection.endheaders()
        try:
            connection.send(data or b"")
        except (BrokenPipeError, ConnectionResetError):
            assert len(data) > 1 << 20, "only a large body may be cut"
        answer = connection.getresponse()
        text = answer.read()
    finally:
        connection.close()
    return answer.status, json.loads(text)


@pytest.mark.parametrize(
    ("route", "case"),
    [(route, case) for route in ("send", "read", "mute", "edit", "snooze", "draft") for case in CASES
     if (route, case) not in (("edit", "a text for it"), ("draft", "a text for it"))],
)  # fmt: skip
def test_invalid_body_is_refused_as_documented(
    server: ChatServer, pair: Pair, database: Database, route: str, case: str
) -> None:
    method, path, body, field = good(pair)[route]
    expected, invalidate = CASES[case]
    before = database.counts()
    status, answer = request_raw(server, pair.alice.token, method, path, *invalidate(body, field))
    assert (status, answer["success"]) == (expected, False), answer
    assert set(answer) == {"success", "error", "message", "request_id"} | ({"details"} if expected == 422 else set())
    assert database.counts() == before


@pytest.mark.parametrize("case", CASES)
def test_routes_without_a_body_ignore_it(server: ChatServer, pair: Pair, database: Database, case: str) -> None:
    body, headers = CASES[case][1]({"content": "hi"}, "content")
    before = database.counts()
    verb = WITHOUT_BODY[list(CASES).index(case) % len(WITHOUT_BODY)]
    status, answer = request_raw(server, pair.alice.token, "POST", f"/{pair.chat_id}/{verb}", body, headers)
    assert (status, answer["success"]) == (200, True)
    assert database.counts() == before


def test_body_is_required(server: ChatServer, pair: Pair) -> None:
    for method, path in (("POST", "/messages"), ("PUT", "/messages/read")):
        assert request_raw(server, pair.alice.token, method, path, b"", JSON)[0] == 400
        assert request_raw(server, pair.alice.token, method, path, b"{}", JSON)[0] == 422


@pytest.mark.parametrize("path", ["/messages", "/messages/read"])
def test_endless_body_is_cut_off(impatient_server: ChatServer, pair: Pair, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", impatient_server.port, timeout=30)
    connection.putrequest("POST" if path == "/messages" else "PUT", CHAT + path)
    for name, value in {**JSON, "Transfer-Encoding": "chunked", "Authorization": f"Bearer {pair.alice.token}"}.items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(b'5\r\n{"con\r\n')
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["error"]) == (400, "marketplace.bodyTimeout")
    connection.close()


PATHS = ["0", "-1", "2147483648", str(2**53), str(2**63), "9" * 400, "1e3", "1.0", "+1", "0x10", "１", "abc", "%00",
         "1%20OR%201=1", "1;DROP%20TABLE%20chats", "1'--", "c7a995d9-7357-4ec1-9cd3-5f94a682394c",
         "{c7a995d9-7357-4ec1-9cd3-5f94a682394c}", "%2e%2e", "null"]  # fmt: skip


@pytest.mark.parametrize("chat_id", PATHS)
def test_invalid_path_id_is_not_found(pair: Pair, database: Database, chat_id: str) -> None:
    before = database.counts()
    reply = pair.alice.posts(f"/{chat_id}/archive")
    assert (reply.status, reply.json["success"]) == (404, False)
    assert database.counts() == before


QUERIES: list[tuple[str, dict[str, Any], int]] = [
    *(("/messages", {"chat_id": value}, 422) for value in
      ("-1", "2**31", str(2**53), str(2**63), "9" * 5000, "1.0", "abc", "1 OR 1=1", "１", "true", "\0", "", " 1",
       "c7a995d9-7357-4ec1-9cd3-5f94a682394c")),
    *(("/messages", {"chat_id": "own", "limit": value}, 422) for value in ("-1", "0", "x", "1.5", "")),
    *(("/messages", {"chat_id": "own", "limit": value}, 200) for value in ("101", str(2**53 + 1), str(2**63))),
    *(("/messages", {"chat_id": "own", "limit": value}, 200) for value in ("1", "51", "100", "101", str(10**9))),
    *(("/messages", {"chat_id": "own", "page": value}, 422) for value in ("0", "-1", str(10**9), "NaN")),
    ("/messages", {"chat_id": "own", "page": "1000000"}, 200),
    ("/messages", {"chat_id": "own", "before_id": "-1"}, 422),
    ("/messages", {"chat_id": "own", "before_id": "1", "after_id": "1"}, 422),
    ("/messages", {"chat_id": "own", "cursor": "x"}, 422),
    ("/messages", {"chat_id": ["own", "own"]}, 422),
    ("/messages", {}, 422),
    ("/messages", {"chat_id": "0"}, 422),
    ("/messages", {"listing_id": "1", "storefront_product_id": "1"}, 422),
    ("/messages/since", {"since": "2025-01-01T00:00:00Z", "limit": "0"}, 422),
    ("/messages/since", {"since": "2025-01-01T00:00:00Z", "chat_id": "-1"}, 422),
    ("/unread-count", {"x": "1"}, 200),
]  # fmt: skip


@pytest.mark.parametrize(("path", "query", "status"), QUERIES)
def test_query_is_accepted_or_refused_as_documented(pair: Pair, path: str, query: dict[str, Any], status: int) -> None:
    own = {"own": pair.chat_id}
    params = {
        name: [own[item] for item in value] if isinstance(value, list) else own.get(value, value)
        for name, value in query.items()
    }
    reply = pair.alice.gets(path, **params)
    assert (reply.status, reply.json["success"]) == (status, status == 200), reply.text[:300]
    if status == 422:
        assert reply.json["details"]


def test_foreign_message_id_as_page_start_reveals_nothing(pair: Pair) -> None:
    """A page that starts at a message of another chat contains only messages of this chat."""
    page = pair.alice.gets("/messages", chat_id=pair.chat_id, before_id=2**53 - 1).data
    assert page["messages"][-1]["id"] == pair.message["id"]
    assert pair.alice.gets("/messages", chat_id=pair.chat_id, before_id=1).data["messages"] == []


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "PUT", "OPTIONS", "TRACE"])
def test_unsupported_method_is_refused(server: ChatServer, pair: Pair, method: str) -> None:
    reply = server.request(method, CHAT + "/unread-count", token=pair.alice.token)
    assert reply.status in ((200,) if method == "OPTIONS" else (405,))


@pytest.fixture(scope="module")
def impatient_server(start_server: Callable[..., ChatServer]) -> ChatServer:
    """chatapp with a body timeout of half a second."""
    return start_server(BODY_TIMEOUT="500ms")
