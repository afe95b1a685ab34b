"""Renders responses, sessions, messages and refusals of the assistant dialect."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import g

from chatapp import clock
from chatapp.actions.assistant.policy import policy
from chatapp.actions.assistant.visits import Visit
from chatapp.auth.session_ids import session_ids
from chatapp.edge.http.middleware import MAX_KEY_LENGTH
from chatapp.edge.i18n.catalogue import DELETED, error_text, reason_texts
from chatapp.edge.i18n.negotiation import preferred
from chatapp.errors import ChatError, Invalid, RateLimited, Unavailable
from chatapp.events.snapshots import MessageSnapshot, SessionNote
from chatapp.ids import snowflake
from chatapp.ids.public import encode_answer, encode_message
from chatapp.queries.messages import Page
from chatapp.queries.sessions import Session

_OF_VISITOR = SessionNote("user")


def failure(error: ChatError, status: int) -> dict[str, Any]:
    """The body of a refusal."""
    return {**_refusal(error), "request_id": g.get("request_id")}


def error_frame(error: ChatError, frame: dict[str, Any] | None) -> dict[str, Any]:
    """The `error` frame that refuses `frame`, with the key of the message if it had one."""
    refusal = {"type": "error", **_refusal(error)}
    client_message_id = (frame or {}).get("client_message_id")
    if isinstance(client_message_id, str) and len(client_message_id) <= MAX_KEY_LENGTH:
        refusal["client_message_id"] = client_message_id
    return refusal


def _refusal(error: ChatError) -> dict[str, Any]:
    body: dict[str, Any] = {"error": error.code, "message": error_text(error, preferred())}
    if isinstance(error, Invalid):
        body["details"] = reason_texts(error, preferred())
    if isinstance(error, (RateLimited, Unavailable)):
        body["retry_after"] = error.retry_after
    return body


def session(visit: Visit) -> dict[str, Any]:
    """A session; also one of which nothing is stored yet."""
    found = visit.session
    if found is not None:
        return stored_session(found)
    opened_at = snowflake.moment_of(visit.chat_id)
    return {
        "session_id": visit.session_id,
        "created_at": clock.rfc3339(opened_at),
        "expires_at": clock.rfc3339(opened_at + dt.timedelta(seconds=policy().ttl)),
        "ended_at": None,
        "language": preferred(),
        "item": None,
        "responder": "assistant",
        "handover": None,
        "message_count": 0,
        "last_message_at": None,
    }


def stored_session(found: Session) -> dict[str, Any]:
    """A session that is stored."""
    has_item = found.item_kind is not None
    return {
        "session_id": session_ids().bare(found.chat_id),
        "created_at": clock.rfc3339(found.created_at),
        "expires_at": clock.rfc3339(found.expires_at),
        "ended_at": clock.rfc3339_or_none(found.ended_at),
        "language": found.language,
        "item": {"kind": found.item_kind, "id": found.item_id} if has_item else None,
        "responder": found.responder,
        "handover": found.handover,
        "message_count": found.last_seq,
        "last_message_at": clock.rfc3339_or_none(found.last_message_at),
    }


def signature(visit: Visit) -> dict[str, Any]:
    """The signed id of a session, for who acts in it."""
    signed, expires_at = session_ids().sign(visit.session_id, visit.signing_uuid)
    return {"signed_session_id": signed, "expires_at": clock.rfc3339(dt.datetime.fromtimestamp(expires_at, dt.UTC))}


def opened(visit: Visit) -> dict[str, Any]:
    """A session that was opened, with its signed id."""
    signed = signature(visit)
    renamed = {"signed_session_id": signed["signed_session_id"], "signature_expires_at": signed["expires_at"]}
    return {**session(visit), **renamed}


def message(sent: MessageSnapshot) -> dict[str, Any]:
    """A message of a session."""
    note = sent.session or _OF_VISITOR
    content = DELETED if sent.is_deleted else sent.content
    return {
        "id": encode_message(sent.id),
        "seq": sent.seq,
        "role": note.role,
        "status": note.status or "complete",
        "content": content,
        "parts": list(note.parts) or [{"type": "text", "text": content}],
        "answer_id": note.answer_id,
        "client_message_id": sent.client_key,
        "retry_after": note.retry_after,
        "is_edited": sent.is_edited,
        "is_deleted": sent.is_deleted,
        "created_at": sent.created_at,
        "updated_at": sent.updated_at,
    }


def page(visit: Visit, found: Page) -> dict[str, Any]:
    """A page of messages, oldest first."""
    messages = [message(each) for each in reversed(found.messages)]
    return {
        "messages": messages,
        "session_id": visit.session_id,
        "message_count": len(messages),
        "has_more": found.has_more,
    }


def answer_id(turn_id: int) -> str:
    """The public id of an answer."""
    return encode_answer(turn_id)
