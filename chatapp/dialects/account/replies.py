"""Renders responses of the account routes."""

from __future__ import annotations

from typing import Any

from chatapp.actions.log_ins import LogIn
from chatapp.auth.tokens import access_token_seconds
from chatapp.edge.accounts import account


def tokens(log_in: LogIn) -> dict[str, Any]:
    """The tokens of a session, with the account if the session is new."""
    reply: dict[str, Any] = {
        "access_token": log_in.access_token,
        "refresh_token": log_in.refresh_token,
        "token_type": "Bearer",
        "expires_in": access_token_seconds(),
    }
    return reply if log_in.user is None else reply | {"user": account(log_in.user)}
