"""AsyncAPI 3.0 of the sockets, written from the schemas of their frames."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from marshmallow import Schema

from chatapp import __version__
from chatapp.dialects.marketplace import frame_schemas as marketplace_frames
from chatapp.dialects.social import frame_schemas as social_frames
from chatapp.ops.contract.components import Components

FROM_CLIENT, FROM_SERVER = "client", "server"
_FRAMES = (
    "Frames are JSON texts of at most 64 KiB, with at most 1,000 values, and 100 keys per object. A socket is read at"
    " 50 frames per second on average, in bursts of up to 100; each KiB counts as one more frame. Excess frames wait."
)
_CREDENTIALS = {
    "ticket": "Single-use ticket, valid for 30 s. Preferred: once used, it is worthless in a log.",
    "token": "Access token, or the 5-minute token of `GET .../ws-token`.",
}


@dataclass(frozen=True)
class Socket:
    """The socket of a dialect: its frames by type.

    Attributes:
        default_frame: type of a client's frame that names none; empty where each must.
        holder: member of a frame that holds its fields; empty where they stand beside the type.
    """

    dialect: str
    address: str
    client_frames: Mapping[str, type[Schema]]
    server_frames: Mapping[str, type[Schema]]
    default_frame: str = ""
    holder: str = ""

    def frames(self, direction: str) -> Mapping[str, type[Schema]]:
        """The frames that one side sends."""
        return self.client_frames if direction == FROM_CLIENT else self.server_frames


SOCKETS = (
    Socket("marketplace", "/ws/chat", marketplace_frames.CLIENT_FRAMES, marketplace_frames.SERVER_FRAMES, "message"),
    Socket(
        "social",
        "/api/v1/chat/ws",
        social_frames.CLIENT_FRAMES,
        social_frames.SERVER_FRAMES,
        holder="payload",
    ),
)


@cache
def asyncapi_document() -> dict[str, Any]:
    """The document."""
    components = Components("chatapp sockets")
    messages: dict[str, Any] = {}
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    for socket in SOCKETS:
        channels[socket.dialect] = _channel(socket)
        for direction in (FROM_CLIENT, FROM_SERVER):
            operations[f"{socket.dialect}.{direction}"] = _operation(socket, direction)
            for kind, schema in socket.frames(direction).items():
                is_default = direction == FROM_CLIENT and kind == socket.default_frame
                shape = _held(socket.holder, components.inline(schema))
                messages[message_name(socket.dialect, direction, kind)] = _message(
                    kind, schema, shape, is_default=is_default
                )
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "chatapp sockets", "version": __version__, "description": _FRAMES},
        "defaultContentType": "application/json",
        "servers": {
            "this": {
                "host": "{host}",
                "protocol": "wss",
                "description": "The server that serves this document; use `ws` if that is plain HTTP.",
                "variables": {"host": {"description": "Host, with the port if any."}},
            }
        },
        "channels": channels,
        "operations": operations,
        "components": {
            "messages": messages,
            "schemas": components.schemas(),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def message_name(dialect: str, direction: str, kind: str) -> str:
    """The name of a frame's message among the components."""
    return f"{dialect}.{direction}.{kind}"


def _held(holder: str, shape: dict[str, Any]) -> dict[str, Any]:
    """The fields of a frame inside of the member that holds them; it may be left out where none is required."""
    if not holder:
        return shape
    return {"type": "object", "properties": {holder: shape}, "required": [holder] if shape.get("required") else []}


def _message(kind: str, schema: type[Schema], shape: dict[str, Any], *, is_default: bool) -> dict[str, Any]:
    """A frame: its fields, and the `type` that names it, which the default frame may leave out."""
    payload = {
        **shape,
        "properties": {"type": {"const": kind}, **shape.get("properties", {})},
        "required": [*([] if is_default else ["type"]), *shape.get("required", ())],
    }
    summary = (inspect.getdoc(schema) or "").partition("\n")[0]
    return {"name": kind, "title": kind, "summary": summary, "payload": payload}


def _channel(socket: Socket) -> dict[str, Any]:
    names = [
        message_name(socket.dialect, direction, kind)
        for direction in (FROM_CLIENT, FROM_SERVER)
        for kind in socket.frames(direction)
    ]
    properties = {name: {"type": "string", "description": meaning} for name, meaning in _CREDENTIALS.items()}
    return {
        "address": socket.address,
        "description": "Other ways to authenticate: the subprotocols `access_token, <JWT>`, or a first frame"
        ' `{"type":"auth","token":"<JWT>"}` within 5 s.',
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {"ws": {"method": "GET", "query": {"type": "object", "properties": properties}}},
    }


def _operation(socket: Socket, direction: str) -> dict[str, Any]:
    return {
        "action": "receive" if direction == FROM_CLIENT else "send",
        "summary": f"Frames that {socket.dialect} clients {'send' if direction == FROM_CLIENT else 'receive'}.",
        "channel": {"$ref": f"#/channels/{socket.dialect}"},
        "messages": [
            {"$ref": f"#/channels/{socket.dialect}/messages/{message_name(socket.dialect, direction, kind)}"}
            for kind in socket.frames(direction)
        ],
    }
