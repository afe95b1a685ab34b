"""A dialect as the rest of the server knows it: what is mounted, documented and counted is read from this record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint

from chatapp.edge.http.credentials import BEARER, Credentials
from chatapp.edge.http.envelopes import Envelope
from chatapp.edge.websocket.frame_table import SocketSpec
from config import Settings


def _always(settings: Settings) -> bool:
    return True


def _unchanged(code: str) -> str:
    return code


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialect:
    """The wire format of one family of clients.

    Attributes:
        name: unique among dialects, as in documents and metrics.
        prefix: path that its REST routes start with, without a slash at its end.
        blueprints: its REST routes, relative to the prefix.
        envelope: the two shapes of its response bodies.
        error_code: renders a code of the core as its clients receive it.
        socket: its WebSocket; None without one.
        max_body_bytes: bound of a request body that replaces MAX_BODY_BYTES, from the settings.
        is_enabled: whether its routes are served with these settings.
        credentials: where its requests carry the access token.
        blueprint_prefix: put before the names of its blueprints, if another dialect mounts them as well.
    """

    name: str
    prefix: str
    blueprints: tuple[Blueprint, ...]
    envelope: Envelope
    error_code: Callable[[str], str] = _unchanged
    socket: SocketSpec | None = None
    max_body_bytes: Callable[[Settings], int] | None = None
    is_enabled: Callable[[Settings], bool] = _always
    credentials: Credentials = BEARER
    blueprint_prefix: str = ""

    def endpoint_name(self, blueprint: Blueprint) -> str:
        """The name under which a blueprint is mounted, as in `request.blueprint`."""
        return f"{self.blueprint_prefix}{blueprint.name}"
