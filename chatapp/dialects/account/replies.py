"""Renders responses and refusals of the account routes."""

from __future__ import annotations

from typing import Any

from chatapp.actions.log_ins import LogIn
from chatapp.auth.tokens import access_token_seconds
from chatapp.edge.http.envelopes import failure_body
from chatapp.edge.i18n.catalogue import error_text
from chatapp.edge.i18n.negotiation import preferred
from chatapp.errors import ChatError
from chatapp.models import User
from chatapp.text.casing import camel_case


def failure(error: ChatError, status: int) -> dict[str, Any]:
    """The body of a refusal."""
    language = preferred()
    return failure_body(error, key=error_code(error.code), message=error_text(error, language), language=language)


def error_code(code: str) -> str:
    """`token_expired` as `auth.tokenExpired`."""
    return f"auth.{camel_case(code)}"


def tokens(log_in: LogIn) -> dict[str, Any]:
    """The tokens of a session, with the account if the session is new."""
    reply: dict[str, Any] = {
        "access_token": log_in.access_token,
        "refresh_token": log_in.refresh_token,
        "token_type": "Bearer",
        "expires_in": access_token_seconds(),
    }
    return reply if log_in.user is None else reply | {"user": account(log_in.user)}


def account(user: User) -> dict[str, Any]:
    """An account as its owner sees it."""
    return {
        "id": user.id,
        "uuid": str(user.uuid),
        "username": user.username,
        "name": user.name,
        "email": user.email,
        "picture_url": user.picture_url,
    }
