"""What the account routes take and give."""

from __future__ import annotations

from marshmallow import fields

from chatapp.dialects.edge.fields import Id, Integer, ReplySchema, RequestSchema, Text


class SignUp(RequestSchema):
    username = Text(required=True, metadata={"description": "3 to 32 of A-Z a-z 0-9 . - _", "example": "alice"})
    email = Text(required=True, metadata={"example": "alice@example.com"})
    password = Text(required=True, load_only=True, metadata={"description": "8 to 128 characters"})
    name = Text(load_default="", metadata={"description": "at most 100 characters"})


class LogIn(RequestSchema):
    login = Text(254, 1, required=True, metadata={"description": "username or e-mail address"})
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
    expires_in = Integer(metadata={"description": "seconds"})


class TokensAndUser(Tokens):
    user = fields.Nested(Account)


class Said(ReplySchema):
    message = Text()
