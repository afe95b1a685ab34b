"""Request and response schemas of the account routes."""

from __future__ import annotations

from marshmallow import fields

from chatapp.edge import account_schemas
from chatapp.edge.http.fields import Integer, ReplySchema, RequestSchema, Text


class SignUp(account_schemas.SignUp):
    pass


class LogIn(account_schemas.LogIn):
    pass


class Refresh(RequestSchema):
    refresh_token = Text(200, 1, required=True)


class Account(account_schemas.Account):
    pass


class Tokens(ReplySchema):
    access_token = Text()
    refresh_token = Text()
    token_type = Text(metadata={"enum": ["Bearer"]})
    expires_in = Integer(metadata={"description": "Seconds."})


class TokensAndUser(Tokens):
    user = fields.Nested(Account)


class Confirmation(ReplySchema):
    message = Text()
