"""Requests and responses about accounts, for tokens in bodies and in cookies."""

from __future__ import annotations

from chatapp.actions.accounts import EMAIL, MAX_EMAIL, MAX_NAME, MAX_PASSWORD, MIN_PASSWORD, USERNAME
from chatapp.edge.http.fields import Id, ReplySchema, RequestSchema, Text

# Senders are not authenticated yet. The longest body names 1,300 characters, each of which may be escaped in 12 bytes.
MAX_BODY_BYTES = 32 * 1024


class SignUp(RequestSchema):
    """A new account. The bounds printed here are enforced by `actions.accounts`."""

    username = Text(required=True, metadata={"pattern": f"^{USERNAME.pattern}$", "example": "alice"})
    email = Text(
        required=True,
        metadata={"pattern": f"^{EMAIL.pattern}$", "maxLength": MAX_EMAIL, "example": "alice@example.com"},
    )
    password = Text(required=True, load_only=True, metadata={"minLength": MIN_PASSWORD, "maxLength": MAX_PASSWORD})
    name = Text(load_default="", metadata={"maxLength": MAX_NAME})


class LogIn(RequestSchema):
    login = Text(254, 1, required=True, metadata={"description": "Username or email address."})
    password = Text(1024, 1, required=True, load_only=True)


class Account(ReplySchema):
    id = Id()
    uuid = Text()
    username = Text()
    name = Text()
    email = Text(allow_none=True)
    picture_url = Text(allow_none=True)
