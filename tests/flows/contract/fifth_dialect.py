"""chatapp with a fifth dialect: one route, and one frame for each way to limit it. gunicorn serves `app()`."""

from __future__ import annotations

import os
from typing import Any

from flask import Blueprint, Flask

from chatapp import create_app, serve
from chatapp.auth.actor import Actor
from chatapp.dialects import DIALECTS
from chatapp.edge.dialect import Dialect
from chatapp.edge.http import authentication
from chatapp.edge.http.envelopes import Envelope
from chatapp.edge.http.fields import Integer, ReplySchema, RequestSchema, Text
from chatapp.edge.http.validation import gives, takes
from chatapp.edge.rate_limits.request_limits import limit
from chatapp.edge.websocket.frame_table import ClientFrame, Fields, FrameContext, SocketSpec
from chatapp.errors import ChatError
from config import load

MAX_BODY_BYTES = 100

bp = Blueprint("fifth", __name__)
authentication.protect(bp)


class Measure(RequestSchema):
    """Measure a text."""

    text = Text(required=True)


class Hello(RequestSchema):
    """Request a welcome."""


class Measured(ReplySchema):
    """The length of a text."""

    length = Integer(0, required=True)


class Welcome(ReplySchema):
    """The socket is open."""

    name = Text(required=True)


class Failure(ReplySchema):
    """A frame was refused."""

    reason = Text(required=True)


@bp.post("/measure")
@limit("default")
@takes(Measure)
@gives(Measured)
def measure(args: dict[str, Any]) -> dict[str, int]:
    """Measure a text."""
    return {"length": len(args["text"])}


def _greeting(actor: Actor, timestamp: str, cursor: str) -> dict[str, Any]:
    return {"type": "welcome", "body": {"name": actor.username}}


def _hello(context: FrameContext, fields: Fields) -> None:
    context.connection.send_json(_greeting(context.actor, "", ""))


def _measure(context: FrameContext, fields: Fields) -> None:
    context.connection.send_json({"type": "measured", "body": {"length": len(fields["text"])}})


def _error_frame(error: ChatError, frame: dict[str, Any] | None) -> dict[str, Any]:
    return {"type": "failure", "body": {"reason": error.code}}


FIFTH = Dialect(
    name="fifth",
    prefix="/api/fifth",
    blueprints=(bp,),
    envelope=Envelope(
        success=lambda data: {"result": data},
        failure=lambda error, status: {"reason": error.code, "status": status},
    ),
    socket=SocketSpec(
        path="/fifth",
        client_frames={
            "measure": ClientFrame(Measure, _measure, "light"),
            "store": ClientFrame(Measure, _measure, "send"),
            "hello": ClientFrame(Hello, _hello, is_validated=False),
        },
        server_frames={"welcome": Welcome, "measured": Measured, "failure": Failure},
        greeting=_greeting,
        error_frame=_error_frame,
        encode=lambda event: None,
        default_type="measure",
        payload_member="body",
    ),
    max_body_bytes=lambda settings: MAX_BODY_BYTES,
)


def app() -> Flask:
    """The application, as `wsgi.py` serves it."""
    application = create_app(load(os.environ), (*DIALECTS, FIFTH))
    serve(application)
    return application
