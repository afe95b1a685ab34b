"""The checks of a socket's handshake, on the real identity and limits."""

from __future__ import annotations

from flask import request

from chatapp.actions import accounts
from chatapp.edge.http import origins
from chatapp.edge.rate_limits import request_limits
from chatapp.edge.websocket.handshake import Door
from config import Settings

TOKEN_TYPES = ("access", "socket")


def door(settings: Settings) -> Door:
    """The door that every dialect's socket stands behind."""

    def is_origin_allowed() -> bool:
        return origins.is_allowed(
            request.headers.get("Origin"),
            scheme=request.scheme,
            host=request.host,
            allowed=settings.allowed_origins,
        )

    return Door(
        is_origin_allowed=is_origin_allowed,
        count_opening=lambda: request_limits.check("connect", request_limits.address()),
        actor_from_token=lambda token: accounts.actor_of_token(token, types=TOKEN_TYPES),
        redeem_ticket=accounts.actor_of_ticket,
        check_standing=accounts.check_standing,
    )
