"""No request and no frame may cost a worker more than 50 ms of CPU, meanwhile that worker serves no other.

Routes and frames are read off the running code, so what is new is covered without a line here. `-s` prints the ten
worst.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import Any

import pytest
from flask import Flask

from chatapp import create_app
from chatapp.dialects import DIALECTS
from chatapp.edge.websocket.frame_table import SocketSpec
from chatapp.ids import public
from config import load
from tests.flows.attachments.words import named, tries_to_add
from tests.flows.input.budget import frames, requests
from tests.flows.input.budget.frames import Line
from tests.flows.input.budget.meter import BUDGET, Meter
from tests.flows.input.budget.requests import Request, Route
from tests.people import CHAT, SOCIAL, PersonMaker
from tests.servers import SERVICE_TOKEN, ChatServer

SOCKETS = [dialect.socket for dialect in DIALECTS if dialect.socket is not None]

# Whose cost is their purpose, and what bounds it instead.
EXCEPTIONS = {
    "POST /api/v1/auth/signup": (200.0, "argon2 hashes the password, in a thread; LIMIT_AUTH bounds how often"),
    "POST /api/v1/auth/login": (200.0, "argon2 checks the password, in a thread; LIMIT_AUTH bounds how often"),
    "GET /metrics": (200.0, "written in a thread; it grows with the series of a run, not with what a client sends"),
}


@pytest.fixture(scope="module")
def budget_server(start_server: Callable[..., ChatServer]) -> ChatServer:
    """A worker of its own, so that nothing else runs in it, with the most expensive settings."""
    # What the metrics of a fleet cost grows with its processes, not with what a client sends.
    return start_server(SANITIZE_HTML="1", ALLOWED_ORIGINS="https://shop.example", LOG_LEVEL="INFO", METRICS_FLEET="0")


@pytest.fixture
def meter(budget_server: ChatServer) -> Meter:
    return Meter(budget_server)


@pytest.fixture(scope="module")
def app(environment: dict[str, str]) -> Flask:
    return create_app(load(environment))


@pytest.fixture
def stage(budget_server: ChatServer) -> Iterator[Stage]:
    stage = Stage(budget_server)
    yield stage
    stage.close()


class Stage:
    """A user with a chat, a message in it and a partner; created again when a route has removed any of it."""

    def __init__(self, server: ChatServer) -> None:
        self._server, self._people = server, PersonMaker(server)
        self._set()

    def _set(self) -> None:
        self.alice, self.bob = self._people("alice"), self._people("bob")
        self.message = self.alice.sends("hello", to=self.bob)
        added = tries_to_add(self.alice, self.message["id"], named("a.png"))
        self.file_id = added.data[0]["id"]

    def restore(self) -> None:
        """Create again what is gone."""
        found = self.alice.gets(f"/attachments/{self.file_id}/download")
        if found.status != 200:
            self._set()

    def right(self) -> dict[str, Any]:
        """Values of fields, by their names in either dialect."""
        chat_id, message_id = self.message["chat_id"], self.message["id"]
        return {
            "chat_id": chat_id,
            "message_id": message_id,
            "conversationId": public.encode_chat(chat_id),
            "messageId": public.encode_message(message_id),
            "username": self.bob.username,
            "login": self.alice.username,
            "password": self.alice.password,
            "email": "dora@example.com",
            "refresh_token": self.alice.refresh_token,
        }

    def path(self, route: Route) -> str:
        """The path of a route, its parts as far as possible of things that exist; none that removing would miss."""
        values = {
            **self.right(),
            "conversation_id": self.right()["conversationId"],
            "attachment_id": self.file_id,
            "file_id": public.encode_file(self.file_id),
            "reference": self.bob.id,
            "kind": "listing",
        }
        if route.rule.rule.startswith(SOCIAL):
            values["message_id"] = values["messageId"]
        parts = []
        for is_dynamic, part in route.rule._trace:
            if not is_dynamic:
                parts.append(part.lstrip("|"))
            else:
                parts.append(str(values.get(part, 1)) if route.method != "DELETE" else "1")
        return "".join(parts)

    def token(self, route: Route) -> str:
        """What opens the route."""
        return SERVICE_TOKEN if "/internal/" in route.rule.rule else self.alice.token

    def close(self) -> None:
        self._people.close_sockets()


def check(meter: Meter, server: ChatServer, sent: Iterator[Request], budget: float = BUDGET) -> None:
    """Send them; fails naming all that are over the budget or end in a 5xx."""
    wrong = []
    for request in sent:
        cost, status = meter.measure(request.name, partial(requests.send, server, request), budget)
        if cost > budget or status >= 500:
            wrong.append(f"{request.name}: {cost:.0f} ms, {status}")
    assert not wrong, "\n" + "\n".join(wrong)


def test_no_request_costs_more_than_its_budget(
    app: Flask, meter: Meter, stage: Stage, budget_server: ChatServer
) -> None:
    routes = requests.routes(app)
    assert EXCEPTIONS.keys() <= {route.name for route in routes}
    failures = []
    for route in routes:
        stage.restore()
        budget, _ = EXCEPTIONS.get(route.name, (BUDGET, ""))
        try:
            check(meter, budget_server, _all_for(route, stage, budget_server), budget)
        except AssertionError as error:
            failures.append(str(error))
    print(meter.table("requests"))
    assert not failures, "".join(failures)


def _all_for(route: Route, stage: Stage, server: ChatServer) -> Iterator[Request]:
    path, token = stage.path(route), stage.token(route)
    yield requests.request_of(route, "plain", path, token, body=b"{}" if route.has_body else b"")
    yield requests.languages(route, path)
    yield from requests.headers(route, path, token)
    yield from requests.queries(route, path, token)
    yield from requests.paths(route, path, token)
    if route.has_body:
        size = requests.body_bound(server, route, path, token)
        yield from requests.bodies(route, path, token, stage.right(), size)


def test_no_header_costs_more_than_its_budget(
    app: Flask, meter: Meter, stage: Stage, budget_server: ChatServer
) -> None:
    """On a list, a download, an unknown path and a handshake: what reads headers reads them for one of these."""
    found = {route.name: route for route in requests.routes(app)}
    ordinary = [found[f"GET {CHAT}"], found[f"GET {SOCIAL}/files/<file:file_id>"]]
    sent = [requests.each_header(route, stage.path(route), stage.token(route)) for route in ordinary]
    sent.append(requests.each_header(ordinary[0], f"{CHAT}/nowhere/at/all", stage.alice.token))
    sockets = found[f"GET {SOCKETS[0].path}"]
    sent.append(requests.each_header(sockets, f"{SOCKETS[0].path}?token=x", "no-token", *requests.UPGRADE))
    check(meter, budget_server, chain.from_iterable(sent))
    print(meter.table("headers"))


@pytest.mark.parametrize("socket", SOCKETS, ids=lambda socket: socket.path)
def test_no_frame_costs_more_than_its_budget(socket: SocketSpec, meter: Meter, stage: Stage) -> None:
    line = Line(stage.alice, socket)
    wrong = []
    for frame in frames.frames(socket, stage.right()):
        cost, _ = meter.measure(frame.name, partial(line.send, frame.text))
        if cost > BUDGET:
            wrong.append(f"{frame.name}: {cost:.0f} ms")
    line.close()
    print(meter.table("frames"))
    assert not wrong, "\n" + "\n".join(wrong)
