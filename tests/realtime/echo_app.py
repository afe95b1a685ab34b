"""A small application on the real transport: an echo for protocol suites, and a JSON socket that obeys commands.

It needs neither a database nor Redis: the token of a user is the name.
"""

from __future__ import annotations

import gc
import os
from typing import Any

import gevent
import psutil
from flask import Blueprint, Flask, request
from flask.ctx import AppContext
from flask_sock import Sock
from greenlet import greenlet
from gunicorn.http.message import Request
from simple_websocket import Server

from chatapp.auth.actor import Actor
from chatapp.edge.http import error_handlers
from chatapp.edge.websocket.admission import AdmissionPolicy
from chatapp.edge.websocket.handshake import prepare_upgrades, server_options, take_over
from chatapp.edge.websocket.lifecycle import Service
from chatapp.edge.websocket.route import SocketRoute
from chatapp.errors import ChatError, Forbidden, RateLimited, Unauthorised
from chatapp.events.types import Event
from chatapp.realtime.closing import Close, ConnectionClosed
from chatapp.realtime.connection import Connection
from chatapp.realtime.frame_reader import BINARY
from chatapp.realtime.framing import text_frame
from chatapp.realtime.heartbeat import Heartbeat
from chatapp.realtime.roster import roster
from config import load

gc.disable()  # so that cycles show as objects that are never freed

settings = load(os.environ)
users: dict[str, list[Connection]] = {}
tickets = {"good-ticket"}


class EchoDialect:
    """Frames are commands: echo, pour, dismiss, sleep, fail, refuse."""

    name = "echo"
    default_type = None
    accepts_anonymous = False
    admits_visitors = False
    acknowledges_in_order = False
    pushes_conversations = False

    def encode(self, event: Event) -> bytes | None:
        return None

    def on_open(self, connection: Connection) -> None:
        assert connection.actor is not None
        connection.greet({"type": "connected", "username": connection.actor.username})

    def on_close(self, connection: Connection) -> None:
        pass

    def on_frame(self, connection: Connection, frame: dict[str, Any]) -> None:
        kind = frame.get("type")
        if kind == "pour":
            gevent.spawn(_pour, frame["to"], frame["frames"], frame["bytes"], frame["greenlets"])
        elif kind == "dismiss":
            for dismissed in users.get(frame["who"], []):
                dismissed.close(Close.REPLACED)
        elif kind == "sleep":
            gevent.sleep(frame["seconds"])
        elif kind == "fail":
            raise RuntimeError("as commanded")
        elif kind == "refuse":
            raise Forbidden("as_commanded")
        connection.send_json(frame)

    def error_frame(self, error: ChatError, frame: dict[str, Any] | None) -> dict[str, Any]:
        return {"type": "error", "error": error.code, "about": (frame or {}).get("type")}


def _pour(username: str, frames: int, size: int, greenlets: int) -> None:
    """Write from many greenlets to one user: each frame is one character, `size` times."""

    def write(number: int) -> None:
        for _ in range(frames):
            for connection in users.get(username, []):
                connection.write(text_frame(bytes((97 + number % 26,)) * size))
            gevent.sleep(0)

    gevent.joinall([gevent.spawn(write, number) for number in range(greenlets)])


class EchoHub:
    def add(self, connection: Connection) -> None:
        assert connection.actor is not None
        users.setdefault(connection.actor.username, []).append(connection)

    def remove(self, connection: Connection) -> None:
        assert connection.actor is not None
        users[connection.actor.username].remove(connection)

    def connections_of(self, user_id: int) -> list[Connection]:
        return []  # all users share an id here, and none has too many connections


def _actor_from_token(token: str) -> Actor:
    if not token.isalpha():
        raise Unauthorised("token_invalid")
    if token == "banned":
        raise Forbidden("banned")
    return Actor(id=1, uuid="", username=token)


def _redeem_ticket(ticket: str) -> Actor:
    if ticket not in tickets:
        raise Unauthorised("ticket_invalid")
    tickets.discard(ticket)
    return Actor(id=2, uuid="", username="ticketholder")


def _check_account_active(actor: Actor) -> None:
    if actor.username == "gone":
        raise Unauthorised("access_revoked")


def _count_opening() -> None:
    if request.args.get("limited"):
        raise RateLimited(60)


app = Flask(__name__)
app.config["SOCK_SERVER_OPTIONS"] = server_options()
error_handlers.install(app)
bp = Blueprint("echo", __name__)
prepare_upgrades(bp, settings, roster)
policy = AdmissionPolicy(
    is_origin_allowed=lambda: request.headers.get("Origin") in (None, "https://shop.example"),
    count_opening=_count_opening,
    actor_from_token=_actor_from_token,
    redeem_ticket=_redeem_ticket,
    visitor_of_session=_actor_from_token,
    check_account_active=_check_account_active,
)
SocketRoute(Service(dialect=EchoDialect(), policy=policy, hub=EchoHub(), roster=roster, settings=settings)).mount(
    bp, "/socket"
)


def _echo(ws: Server) -> None:
    connection = Connection(
        take_over(ws),
        EchoDialect(),
        remote_addr="",
        max_frame_bytes=settings.ws_max_frame_bytes,
        frames_per_second=settings.ws_frames_per_second,
    )
    connection.actor = Actor(id=0, uuid="", username="suite")
    roster.add(connection)
    try:
        while True:
            message = connection.receive(timeout=60.0)
            assert message is not None
            frame = text_frame(message.payload)
            connection.write(bytes((0x82,)) + frame[1:] if message.opcode == BINARY else frame)
    except ConnectionClosed:
        return
    finally:
        roster.discard(connection)
        connection.finish()


Sock().route("/echo", bp=bp, endpoint="raw_echo")(_echo)
app.register_blueprint(bp)


@app.get("/state")
def state() -> dict[str, int]:
    """What this worker holds, including cycles that are never collected here."""
    process, objects = psutil.Process(), gc.get_objects()
    return {
        "pid": os.getpid(),
        "rss": process.memory_info().rss,
        "sockets": len(roster),
        "fds": process.num_fds(),
        "connections": sum(isinstance(held, Connection) for held in objects),
        "requests": sum(type(held) in (Request, AppContext) for held in objects),
        "greenlets": sum(isinstance(held, greenlet) for held in objects),
    }


@app.get("/slow")
def slow() -> str:
    gevent.sleep(1.0)
    return "done"


Heartbeat(roster, ping_period=settings.ws_ping_period, pong_wait=settings.ws_pong_wait).start()
