"""Schemas of the requests to the assistant's REST routes. They validate, and OpenAPI is printed from them."""

from __future__ import annotations

from marshmallow import fields

from chatapp.auth.item_claim import KINDS
from chatapp.auth.session_ids import MAX_LENGTH
from chatapp.edge.http.fields import CONTENT_BOUND, Id, LanguageTag, Limit, RequestSchema, Text, Timestamp, Uuid
from chatapp.edge.http.middleware import MAX_KEY_LENGTH
from chatapp.edge.http.validators import OneOf

MAX_PAGE = 100  # messages, or sessions
MAX_CATCH_UP = 500  # messages
MAX_REASON = 500  # characters
RATINGS = ("up", "down")


class _OptionalSession(RequestSchema):
    session_id = Text(
        MAX_LENGTH,
        load_default="",
        metadata={"description": "The session, by its signed id. The header `X-Session-ID` replaces it."},
    )


class ItemReference(RequestSchema):
    """An item of the shop."""

    kind = Text(required=True, validate=OneOf(KINDS), metadata={"enum": list(KINDS)})
    id = Id(required=True)


class OpenSession(RequestSchema):
    """A new session."""

    language = LanguageTag()
    item = fields.Nested(
        ItemReference, load_default=None, allow_none=True, metadata={"description": "Whose page I am on."}
    )


class SignSession(RequestSchema):
    """A session to sign, by its id."""

    session_id = Text(MAX_LENGTH, 1, required=True)


class SessionsQuery(RequestSchema):
    """Which of my sessions to list."""

    limit = Limit(MAX_PAGE)
    before = Text(
        MAX_LENGTH, load_default="", metadata={"description": "Only sessions older than this one, by its id."}
    )


class SendMessage(_OptionalSession):
    """A message to the assistant."""

    content = Text(required=True, metadata=CONTENT_BOUND)
    client_message_id = Text(MAX_KEY_LENGTH, 1, load_default=None, allow_none=True)
    language = LanguageTag()
    item = fields.Nested(
        ItemReference, load_default=None, allow_none=True, metadata={"description": "Whose page I am on."}
    )


class MessagesQuery(_OptionalSession):
    """Which messages of a session."""

    limit = Limit(MAX_PAGE)
    before = Uuid(metadata={"description": "Only messages older than this one."})


class SinceQuery(_OptionalSession):
    """From which time on."""

    since = Timestamp(required=True)
    limit = Limit(MAX_CATCH_UP, MAX_PAGE)


class AfterQuery(_OptionalSession):
    """After which message."""

    after_id = Uuid(required=True)
    limit = Limit(MAX_CATCH_UP, MAX_PAGE)


class Feedback(_OptionalSession):
    """Whether an answer helped."""

    rating = Text(required=True, validate=OneOf(RATINGS), metadata={"enum": list(RATINGS)})
    reason = Text(MAX_REASON, load_default="")


class Regenerate(_OptionalSession):
    """The session of the answer."""


class HandOver(RequestSchema):
    """Why a human should answer."""

    reason = Text(MAX_REASON, load_default="")
