"""REST routes of messages, `/api/chat`."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from chatapp import clock
from chatapp.actions.assistant import asking, control, history
from chatapp.dialects.assistant import replies, reply_schemas, request_schemas
from chatapp.dialects.assistant.identification import account, open_to_visitors, visit_of
from chatapp.dialects.assistant.places import place_of
from chatapp.edge.http.middleware import idempotency_key
from chatapp.edge.http.validation import gives, takes
from chatapp.edge.i18n.negotiation import preferred
from chatapp.edge.rate_limits import request_limits
from chatapp.edge.rate_limits.request_limits import limit
from chatapp.ids.public import encode_answer, encode_message, message_id_or_missing

bp = Blueprint("assistant", __name__)
open_to_visitors(bp)


@bp.post("/messages")
@limit("send")
@takes(request_schemas.SendMessage)
@gives(reply_schemas.SentMessage, rendered=True)
def send_message(args: dict[str, Any]) -> dict[str, Any]:
    """Send a message. The answer follows on the socket, and in the history.

    Repeating the request with the same `client_message_id`, or `Idempotency-Key`, sends it only once.
    """
    visit = visit_of(args)
    if account() is None:
        request_limits.check("questions_address", request_limits.address())
    sent = asking.ask(
        visit,
        args["content"],
        language=args["language"],
        fallback_language=preferred(),
        place=place_of(args["item"], account()),
        idempotency_key=args["client_message_id"] or idempotency_key(),
    )
    return {"session_id": visit.session_id, "message": replies.message(sent)}


@bp.get("/messages")
@limit("default")
@takes(request_schemas.MessagesQuery, "query")
@gives(reply_schemas.MessagePage, rendered=True)
def list_messages(args: dict[str, Any]) -> dict[str, Any]:
    """List the newest messages of a session, or those before one."""
    visit, before = visit_of(args), args.get("before")
    before_id = message_id_or_missing(before) if before else None
    return replies.page(visit, history.read_history(visit, limit=args["limit"], before_id=before_id))


@bp.get("/messages/since")
@limit("default")
@takes(request_schemas.SinceQuery, "query")
@gives(reply_schemas.MissedMessages, rendered=True)
def list_since(args: dict[str, Any]) -> dict[str, Any]:
    """List the messages after a time, for clients that were disconnected."""
    visit = visit_of(args)
    found = history.read_since(visit, args["since"], limit=args["limit"])
    return {**replies.page(visit, found), "since": clock.rfc3339(args["since"])}


@bp.get("/messages/after")
@limit("default")
@takes(request_schemas.AfterQuery, "query")
@gives(reply_schemas.MissedMessages, rendered=True)
def list_after(args: dict[str, Any]) -> dict[str, Any]:
    """List the messages after another one."""
    visit = visit_of(args)
    found = history.read_after(visit, message_id_or_missing(args["after_id"]), limit=args["limit"])
    return {**replies.page(visit, found), "since": None}


@bp.post("/messages/<message:message_id>/feedback")
@limit("default")
@takes(request_schemas.Feedback)
@gives(reply_schemas.Rated)
def rate(args: dict[str, Any], message_id: int) -> dict[str, Any]:
    """Say whether an answer helped. A second rating replaces the first."""
    control.rate(visit_of(args), message_id, args["rating"], args["reason"])
    return {"message_id": encode_message(message_id), "rating": args["rating"]}


@bp.post("/messages/<message:message_id>/regenerate")
@limit("send")
@takes(request_schemas.Regenerate, optional=True)
@gives(reply_schemas.Regenerated, 202)
def regenerate(args: dict[str, Any], message_id: int) -> dict[str, Any]:
    """Answer the same question once more. The answer is a further message."""
    visit = visit_of(args)
    turn_id = control.regenerate(visit, message_id)
    return {"session_id": visit.session_id, "answer_id": encode_answer(turn_id)}
