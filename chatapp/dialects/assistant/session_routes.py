"""REST routes of sessions, `/api/sessions`."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g

from chatapp.actions.assistant import claiming, control, handover, sessions
from chatapp.actions.assistant.visits import visit_again
from chatapp.auth.session_ids import session_ids
from chatapp.dialects.assistant import replies, reply_schemas, request_schemas
from chatapp.dialects.assistant.identification import account, open_to_visitors, signed_of_path, visit_of_path
from chatapp.dialects.assistant.places import place_of
from chatapp.edge.http.authentication import requires_actor
from chatapp.edge.http.validation import gives, refuses, takes
from chatapp.edge.i18n.negotiation import preferred
from chatapp.edge.rate_limits import request_limits
from chatapp.edge.rate_limits.request_limits import limit
from chatapp.errors import Conflict
from chatapp.ids.snowflake import MAX_ID

bp = Blueprint("assistant_sessions", __name__)
open_to_visitors(bp)


@bp.post("")
@limit("sessions")
@takes(request_schemas.OpenSession, optional=True)
@gives(reply_schemas.OpenedSession)
def open_session(args: dict[str, Any]) -> dict[str, Any]:
    """Open a session. Without an access token, its signed id is all that opens it."""
    request_limits.check("sessions_day", request_limits.address())
    language = args["language"] or preferred()
    return replies.opened(sessions.open_session(account(), language=language, place=place_of(args["item"], account())))


@bp.get("")
@requires_actor
@limit("default")
@takes(request_schemas.SessionsQuery, "query")
@gives(reply_schemas.SessionPage, rendered=True)
def list_sessions(args: dict[str, Any]) -> dict[str, Any]:
    """List my sessions, newest first."""
    before = session_ids().chat_id(args["before"]) if args["before"] else MAX_ID + 1
    found = sessions.list_sessions(g.actor, before=before, limit=args["limit"] + 1)
    shown = [replies.stored_session(session) for session in found[: args["limit"]]]
    return {"sessions": shown, "has_more": len(found) > args["limit"]}


@bp.post("/sign")
@limit("default")
@takes(request_schemas.SignSession)
@gives(reply_schemas.Signature)
def sign_session(args: dict[str, Any]) -> dict[str, Any]:
    """Sign the id of a session, for a day."""
    return replies.signature(visit_of_path(args["session_id"], needs_signature=False))


@bp.get("/<session:session_id>")
@limit("default")
@gives(reply_schemas.Session)
def show_session(session_id: str) -> dict[str, Any]:
    """Get a session."""
    return replies.session(visit_of_path(session_id))


@bp.delete("/<session:session_id>")
@limit("default")
@gives(reply_schemas.Confirmation)
def end_session(session_id: str) -> dict[str, str]:
    """End a session. Its messages can be read until it expires, and none follow. Repeating it changes nothing."""
    visit = visit_of_path(session_id)
    sessions.end_session(visit)
    return {"session_id": visit.session_id}


@bp.post("/<session:session_id>/claim")
@requires_actor
@limit("default")
@gives(reply_schemas.OpenedSession)
def claim_session(session_id: str) -> dict[str, Any]:
    """Claim a session that I opened before I logged in: it is mine on all my devices, with all its messages.

    Sockets that were opened for it without an access token close with 4401.
    """
    return replies.opened(claiming.claim(g.actor, signed_of_path(session_id), language=preferred()))


@bp.post("/<session:session_id>/stop")
@limit("default")
@gives(reply_schemas.Stopped)
def stop(session_id: str) -> dict[str, Any]:
    """Stop the answer that is on its way. What was said of it becomes a message with the status `stopped`."""
    visit = visit_of_path(session_id)
    return {"session_id": visit.session_id, "stopped": control.stop_answer(visit)}


@bp.post("/<session:session_id>/handover")
@limit("default")
@takes(request_schemas.HandOver, optional=True)
@gives(reply_schemas.Session)
def hand_over(args: dict[str, Any], session_id: str) -> dict[str, Any]:
    """Ask for a human; or, as that human, accept. Repeating it changes nothing."""
    visit = visit_of_path(session_id)
    handover.hand_over(visit, args["reason"])
    return replies.session(visit_again(visit))


@bp.post("/<session:session_id>/release")
@limit("default")
@refuses(Conflict)
@gives(reply_schemas.Session)
def release(session_id: str) -> dict[str, Any]:
    """Give a session back to the assistant. The human leaves it."""
    visit = visit_of_path(session_id)
    handover.release(visit)
    return replies.session(visit_again(visit))
