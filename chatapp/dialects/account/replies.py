"""What the account routes answer, and how they tell refusals."""

from __future__ import annotations

import re
from typing import Any

from flask import g

from chatapp.actions.log_ins import LogIn
from chatapp.auth.tokens import access_token_seconds
from chatapp.edge.i18n.catalogue import error_text
from chatapp.edge.i18n.negotiation import preferred
from chatapp.errors import ChatError, Invalid
from chatapp.models import User


def success(data: Any) -> dict[str, Any]:
    """The envelope of what went well."""
    return {"success": True, "data": data}


def failure(error: ChatError, status: int) -> dict[str, Any]:
    """The envelope of a refusal."""
    body: dict[str, Any] = {
        "success": False,
        "error": f"auth.{camel_case(error.code)}",
        "message": error_text(error, preferred()),
        "request_id": g.get("request_id"),
    }
    if isinstance(error, Invalid):
        body["details"] = error.fields
    return body


def tokens(entered: LogIn) -> dict[str, Any]:
    """The tokens of a log-in, and the person where they just entered."""
    reply: dict[str, Any] = {
        "access_token": entered.access_token,
        "refresh_token": entered.refresh_token,
        "token_type": "Bearer",
        "expires_in": access_token_seconds(),
    }
    return reply if entered.user is None else reply | {"user": account(entered.user)}


def account(user: User) -> dict[str, Any]:
    """A person as they see themselves."""
    return {
        "id": user.id,
        "uuid": str(user.uuid),
        "username": user.username,
        "name": user.name,
        "email": user.email,
        "picture_url": user.picture_url,
    }


def camel_case(code: str) -> str:
    """`token_expired` as `tokenExpired`."""
    return re.sub("_([a-z0-9])", lambda match: match[1].upper(), code)
