"""Schemas of the responses of the assistant's REST routes. OpenAPI is printed from them."""

from __future__ import annotations

from marshmallow import fields

from chatapp.edge.http.fields import Boolean, Integer, ReplySchema, Text, Timestamp, Uuid

_SESSION_ID = {"description": "The id of the session, not signed."}
ROLES = ("user", "assistant", "human")
STATUSES = ("complete", "stopped", "interrupted", "failed")


class Item(ReplySchema):
    kind = Text(required=True)
    id = Integer(1, required=True)


class Signature(ReplySchema):
    signed_session_id = Text(required=True)
    expires_at = Timestamp(required=True, metadata={"description": "When the signature expires."})


class Session(ReplySchema):
    session_id = Uuid(required=True, metadata=_SESSION_ID)
    created_at = Timestamp(required=True)
    expires_at = Timestamp(required=True, metadata={"description": "Unless I write until then."})
    ended_at = Timestamp(required=True, allow_none=True)
    language = Text(required=True)
    item = fields.Nested(Item, required=True, allow_none=True)
    responder = Text(required=True, metadata={"enum": ["assistant", "human"], "description": "Who answers."})
    handover = Text(required=True, allow_none=True, metadata={"enum": ["offered", "accepted", None]})
    message_count = Integer(0, required=True)
    last_message_at = Timestamp(required=True, allow_none=True)


class OpenedSession(Session):
    signed_session_id = Text(required=True)
    signature_expires_at = Timestamp(required=True)


class SessionPage(ReplySchema):
    sessions = fields.List(fields.Nested(Session), required=True)
    has_more = Boolean(required=True)


class Confirmation(ReplySchema):
    session_id = Uuid(required=True, metadata=_SESSION_ID)


class Message(ReplySchema):
    id = Uuid(required=True)
    seq = Integer(1, required=True)
    role = Text(required=True, metadata={"enum": list(ROLES)})
    status = Text(required=True, metadata={"enum": list(STATUSES)})
    content = Text(required=True, metadata={"description": "Plain text."})
    parts = fields.List(
        fields.Dict(),
        required=True,
        metadata={
            "description": "`text`, then `data-items` with cards of items (none: nothing fits) and `data-choices` with"
            " replies to tap."
        },
    )
    answer_id = Uuid(required=True, allow_none=True, metadata={"description": "Of an answer: the id of its pieces."})
    client_message_id = Text(required=True, allow_none=True)
    retry_after = Integer(
        1, required=True, allow_none=True, metadata={"description": "Seconds; the assistant was busy."}
    )
    is_edited = Boolean(required=True)
    is_deleted = Boolean(required=True)
    created_at = Timestamp(required=True)
    updated_at = Timestamp(required=True)


class SentMessage(ReplySchema):
    session_id = Uuid(required=True, metadata=_SESSION_ID)
    message = fields.Nested(Message, required=True)


class MessagePage(ReplySchema):
    messages = fields.List(fields.Nested(Message), required=True, metadata={"description": "Oldest first."})
    session_id = Uuid(required=True, metadata=_SESSION_ID)
    message_count = Integer(0, required=True, metadata={"description": "Messages on this page."})
    has_more = Boolean(required=True)


class MissedMessages(MessagePage):
    since = Timestamp(required=True, allow_none=True)


class Stopped(ReplySchema):
    session_id = Uuid(required=True, metadata=_SESSION_ID)
    stopped = Boolean(required=True, metadata={"description": "Whether an answer was on its way."})


class Regenerated(ReplySchema):
    session_id = Uuid(required=True, metadata=_SESSION_ID)
    answer_id = Uuid(required=True)


class Rated(ReplySchema):
    message_id = Uuid(required=True)
    rating = Text(required=True, metadata={"enum": ["up", "down"]})
