"""AsyncAPI 3.0 of the dialects' sockets, printed from the schemas of their frames."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import Schema

from chatapp import __version__
from chatapp.edge.dialect import Dialect
from chatapp.edge.websocket.frame_table import SocketSpec
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


def asyncapi_document(dialects: Iterable[Dialect]) -> dict[str, Any]:
    """The document of these dialects' sockets."""
    components = Components("chatapp sockets")
    messages: dict[str, Any] = {}
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    for dialect in dialects:
        if dialect.socket is None:
            continue
        channels[dialect.name] = _channel(dialect.name, dialect.socket)
        for direction in (FROM_CLIENT, FROM_SERVER):
            operations[f"{dialect.name}.{direction}"] = _operation(dialect.name, dialect.socket, direction)
            for kind, schema in _frames(dialect.socket, direction).items():
                messages[message_name(dialect.name, direction, kind)] = _message(
                    kind,
                    schema,
                    _wrapped(dialect.socket.payload_member, components.inline(schema)),
                    is_default=direction == FROM_CLIENT and kind == dialect.socket.default_type,
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
    """Name of the component that describes a frame."""
    return f"{dialect}.{direction}.{kind}"


def _frames(socket: SocketSpec, direction: str) -> Mapping[str, type[Schema]]:
    """The frames that one side sends."""
    if direction == FROM_CLIENT:
        return {kind: frame.schema for kind, frame in socket.client_frames.items()}
    return socket.server_frames


def _wrapped(member: str | None, shape: dict[str, Any]) -> dict[str, Any]:
    """The fields of a frame inside the member that holds them, which is optional if none of them is required."""
    if member is None:
        return shape
    return {"type": "object", "properties": {member: shape}, "required": [member] if shape.get("required") else []}


def _message(kind: str, schema: type[Schema], shape: dict[str, Any], *, is_default: bool) -> dict[str, Any]:
    """A frame: its fields, and the `type` that names it, which is optional in the default frame."""
    payload = {
        **shape,
        "properties": {"type": {"const": kind}, **shape.get("properties", {})},
        "required": [*([] if is_default else ["type"]), *shape.get("required", ())],
    }
    summary = (inspect.getdoc(schema) or "").partition("\n")[0]
    return {"name": kind, "title": kind, "summary": summary, "payload": payload}


def _channel(dialect: str, socket: SocketSpec) -> dict[str, Any]:
    names = [
        message_name(dialect, direction, kind)
        for direction in (FROM_CLIENT, FROM_SERVER)
        for kind in _frames(socket, direction)
    ]
    properties = {name: {"type": "string", "description": meaning} for name, meaning in _CREDENTIALS.items()}
    return {
        "address": socket.path,
        "description": "Other ways to authenticate: the subprotocols `access_token, <JWT>`, or a first frame"
        ' `{"type":"auth","token":"<JWT>"}` within 5 s.',
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {"ws": {"method": "GET", "query": {"type": "object", "properties": properties}}},
    }


def _operation(dialect: str, socket: SocketSpec, direction: str) -> dict[str, Any]:
    return {
        "action": "receive" if direction == FROM_CLIENT else "send",
        "summary": f"Frames that {dialect} clients {'send' if direction == FROM_CLIENT else 'receive'}.",
        "channel": {"$ref": f"#/channels/{dialect}"},
        "messages": [
            {"$ref": f"#/channels/{dialect}/messages/{message_name(dialect, direction, kind)}"}
            for kind in _frames(socket, direction)
        ],
    }
