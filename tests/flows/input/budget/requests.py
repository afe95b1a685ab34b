"""The worst requests that every route can be sent. Routes are read off the application, so a new one is among them."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from flask import Flask
from marshmallow import fields as types
from werkzeug.routing import Rule

from tests.flows.input.budget import forms, shapes
from tests.servers import ChatServer

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
BODIES = (1 << 20, 256 << 10, 32 << 10)  # bytes: the bounds of the routes
UNCHANGED = {"Authorization", "Content-Type", "Content-Encoding", "Sec-WebSocket-Key"}  # or all ends at these
UPGRADE = (
    "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==",
)  # fmt: skip
_MOUNT = re.compile("/api/v2/(?:marketplace|chat|assistant)/")
_PATIENCE = 60.0  # seconds
_LENGTH = re.compile(rb"\r\nContent-Length: (\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Request:
    """One request, ready to be sent."""

    name: str
    head: str
    body: bytes = b""


@dataclass(frozen=True)
class Route:
    """A method of a rule, and what its view declares to take."""

    rule: Rule
    method: str
    view: Any

    @property
    def name(self) -> str:
        return f"{self.method} {self.rule.rule}"

    @property
    def has_body(self) -> bool:
        return self.method in ("POST", "PUT", "PATCH")

    def schema(self, location: str) -> dict[str, types.Field]:
        """The fields of a body or query, by their names on the wire."""
        found = [taken.schema() for taken in getattr(self.view, "takes", ()) if taken.location == location]
        return {field.data_key or name: field for one in found for name, field in one.load_fields.items()}


def routes(app: Flask) -> list[Route]:
    """Every method of every rule, but for mounts: their views have a rule of their own."""
    found = []
    for rule in app.url_map.iter_rules():
        if _MOUNT.match(rule.rule):
            continue
        view = app.view_functions[rule.endpoint]
        found += [Route(rule, method, view) for method in METHODS if method in (rule.methods or ())]
    return sorted(found, key=lambda route: (route.method == "DELETE", route.rule.rule, route.method))


def request_of(
    route: Route,
    what: str,
    path: str,
    token: str,
    *lines: str,
    body: bytes = b"",
    content_type: str = "application/json",
) -> Request:
    """A request with what every one needs, and further header lines."""
    head = [f"{route.method} {path} HTTP/1.1", "Host: localhost", *lines]
    if UPGRADE[0] not in lines:
        head.append("Connection: close")
    if not any(line.startswith("Authorization:") for line in lines):
        head.append(f"Authorization: Bearer {token}")
    if route.has_body or body:
        if not any(line.startswith("Content-Type:") for line in lines):
            head.append(f"Content-Type: {content_type}")
        if not any(line.startswith("Transfer-Encoding:") for line in lines):
            head.append(f"Content-Length: {len(body)}")
    return Request(f"{route.name}: {what}", "\r\n".join([*head, "", ""]), body)


def headers(route: Route, path: str, token: str) -> Iterator[Request]:
    """All headers at once, filled with each kind of text."""
    share = shapes.HEADER_BYTES // len(shapes.HEADERS) - 40
    for what, unit in shapes.HEADER_UNITS.items():
        lines = [f"{name}: {shapes.filled(unit, share)}" for name in shapes.HEADERS if name not in UNCHANGED]
        yield request_of(route, f"headers of {what}", path, token, *lines)


def each_header(route: Route, path: str, token: str, *lines: str) -> Iterator[Request]:
    """Each header for itself, filled with each kind of text, as long as goes."""
    for name in shapes.READ:
        for what, unit in shapes.HEADER_UNITS.items():
            yield request_of(route, f"{name} of {what}", path, token, *shapes.header_lines(name, unit), *lines)
        # gunicorn itself would take a hundred fields.
        far_more = shapes.header_lines(name, shapes.HEADER_UNITS["languages"], 90 * shapes.HEADER_FIELD)
        yield request_of(route, f"{name} of 700 KB", path, token, *far_more, *lines)
    many = [f"X-{number}: {'a' * 300}" for number in range(85)]
    yield request_of(route, "many headers", path, token, *many, *lines)


def languages(route: Route, path: str) -> Request:
    """Without a token, in a language that takes long to parse."""
    lines = shapes.header_lines("Accept-Language", shapes.HEADER_UNITS["languages"])
    return request_of(route, "Accept-Language without a token", path, "no-token", *lines)


def queries(route: Route, path: str, token: str) -> Iterator[Request]:
    """The query string filled, with parameters that the route knows and with others."""
    names = list(route.schema("query")) or ["a"]
    for what, query in shapes.QUERIES.items():
        for name in names if "{name}" in query else names[:1]:
            yield request_of(route, f"query of {what} in {name}", f"{path}?{query.replace('{name}', name)}", token)


def paths(route: Route, path: str, token: str) -> Iterator[Request]:
    """Longer than any path of the route."""
    for what, tail in shapes.PATHS.items():
        yield request_of(route, f"path of {what}", path[:300].rstrip("/") + tail[:-300], token)


def body_bound(server: ChatServer, route: Route, path: str, token: str) -> int:
    """Bytes of the longest JSON that the route reads."""
    for size in BODIES:
        request = request_of(route, "", path, token, body=b" " * (size - 100))
        if send(server, request) != 413:
            return size - 100
    raise AssertionError(f"{route.name} takes nothing that is tried here")


def bodies(route: Route, path: str, token: str, right: Mapping[str, Any], size: int) -> Iterator[Request]:
    """Bodies that are for any route, and those that fill a field of this one.

    Parameters:
        right: values of fields, by name, with which a request comes far.
        size: bytes of the longest JSON.
    """
    for what, document in shapes.documents(size):
        yield request_of(route, what, path, token, body=document.encode())
    for what, body in forms.forms():
        yield request_of(route, f"form with {what}", path, token, body=body, content_type=forms.FORM_TYPE)
    for what, body in forms.chunks():
        yield request_of(route, what, path, token, "Transfer-Encoding: chunked", body=body)
    for what, document in fields(route.schema("json"), size, right):
        yield request_of(route, what, path, token, body=document.encode())


def fields(schema: dict[str, types.Field], size: int, right: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Documents in which one field is filled with each kind of value, and the others are right as far as we know."""
    if schema:
        yield "as it should be", _document(schema, right)
    for name, field in schema.items():
        for what, value in shapes.values(size - 3000):
            yield f"{name} = {what}", _document(schema, right, {name: value})
        if isinstance(field, types.List) and isinstance(field.inner, types.Nested):
            for what, unit in shapes.NAMES.items():
                element = _plain(field.inner, shapes.filled(unit, 1000))
                yield f"{name} = ten full of {what}", _document(schema, right, {name: f"[{','.join([element] * 10)}]"})
    for what, text in shapes.CONTENTS.items() if "content" in schema else ():
        yield f"content = {what}", _document(schema, right, {"content": json.dumps(text, ensure_ascii=False)})


def _document(schema: dict[str, types.Field], right: Mapping[str, Any], given: Mapping[str, str] | None = None) -> str:
    # `chat_id` is not required anywhere, but without it no message gets far.
    needed = [name for name, field in schema.items() if field.required or name == "chat_id"]
    others = {name: json.dumps(right[name]) if name in right else _plain(schema[name]) for name in needed}
    return "{" + ",".join(f'"{name}":{text}' for name, text in {**others, **(given or {})}.items()) + "}"


def _plain(field: types.Field, text: str = "text1") -> str:
    if isinstance(field, types.List):
        return f"[{_plain(field.inner, text)}]"
    if isinstance(field, types.Nested):
        inner = field.schema.load_fields.items()
        return "{" + ",".join(f'"{name}":{_plain(each, text)}' for name, each in inner) + "}"
    if isinstance(field, types.Boolean):
        return "true"
    return "1" if isinstance(field, types.Integer | types.Float) else json.dumps(text, ensure_ascii=False)


def send(server: ChatServer, request: Request) -> int:
    """Send a request, and read all of its answer; the status, 0 where the server hung up before we read any."""
    received = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=_PATIENCE) as connection:
        with suppress(ConnectionError):  # refused before all was read
            connection.sendall(request.head.encode("latin-1") + request.body)
        with suppress(ConnectionError):
            while not _is_whole(received) and (piece := connection.recv(1 << 20)):
                received += piece
    return int(received[9:12]) if received.startswith(b"HTTP/1.1 ") else 0


def _is_whole(answer: bytes) -> bool:
    """Whether no more of an answer follows, though the server may keep the connection for some seconds."""
    head, end, body = answer.partition(b"\r\n\r\n")
    if head.startswith(b"HTTP/1.1 101 "):
        return bool(end)
    length = _LENGTH.search(head)
    return length is not None and bool(end) and len(body) >= int(length[1])
