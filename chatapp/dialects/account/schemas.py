"""Request and response schemas of the account routes."""

from __future__ import annotations

from marshmallow import fields

from chatapp.actions.accounts import EMAIL, MAX_EMAIL, MAX_NAME, MAX_PASSWORD, MIN_PASSWORD, USERNAME
from chatapp.edge.http.fields import Id, Integer, ReplySchema, RequestSchema, Text


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


class Refresh(RequestSchema):
    refresh_token = Text(200, 1, required=True)


class Account(ReplySchema):
    id = Id()
    uuid = Text()
    username = Text()
    name = Text()
    email = Text(allow_none=True)
    picture_url = Text(allow_none=True)


class Tokens(ReplySchema):
    access_token = Text()
    refresh_token = Text()
    token_type = Text(metadata={"enum": ["Bearer"]})
    expires_in = Integer(metadata={"description": "Seconds."})


class TokensAndUser(Tokens):
    user = fields.Nested(Account)


class Confirmation(ReplySchema):
    message = Text()
