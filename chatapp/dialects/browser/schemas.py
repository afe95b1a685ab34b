"""Request and response schemas of the browser dialect's own routes."""

from __future__ import annotations

from marshmallow import fields

from chatapp.edge import account_schemas
from chatapp.edge.http.fields import Integer, ReplySchema, Text


class SignUp(account_schemas.SignUp):
    pass


class LogIn(account_schemas.LogIn):
    pass


class Account(account_schemas.Account):
    pass


class LoggedIn(ReplySchema):
    user = fields.Nested(Account)
    csrf_token = Text()
    expires_in = Integer(metadata={"description": "Seconds until `POST /api/v2/auth/refresh` is due."})


class Refreshed(ReplySchema):
    csrf_token = Text()
    expires_in = Integer(metadata={"description": "Seconds until the next refresh is due."})


class CsrfToken(ReplySchema):
    csrf_token = Text()


class Ticket(ReplySchema):
    ticket = Text()


class SocketToken(ReplySchema):
    token = Text()


class Limits(ReplySchema):
    max_content_length = Integer(metadata={"description": "Characters of a message."})
    max_file_bytes = Integer()
    max_files = Integer(metadata={"description": "Files of a message."})
    max_group_members = Integer()
    edit_window = Integer(metadata={"description": "Seconds in which a message can be edited; 0: for ever."})
    delete_window = Integer(metadata={"description": "Seconds in which a message can be deleted; 0: for ever."})


class Me(ReplySchema):
    user = fields.Nested(Account)
    roles = fields.List(Text(), metadata={"description": "`moderator` opens `/api/v2/admin`."})
    language = Text(metadata={"description": "Of texts for this request, from `Accept-Language`."})
    limits = fields.Nested(Limits)
    socket_path = Text()
    csrf_token = Text()


class Confirmation(ReplySchema):
    message = Text()
