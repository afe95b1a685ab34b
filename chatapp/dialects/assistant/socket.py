"""The socket `/api/chat/ws`: what each client frame does."""

from __future__ import annotations

from typing import Any

from chatapp import clock
from chatapp.actions import typing
from chatapp.actions.assistant import asking, control, history
from chatapp.actions.assistant.visits import Visit, visit, visit_own
from chatapp.auth.actor import Actor
from chatapp.auth.session_ids import session_ids
from chatapp.dialects.assistant import frame_schemas, frames, replies
from chatapp.dialects.assistant.places import place_of
from chatapp.edge.i18n.negotiation import preferred
from chatapp.edge.websocket.frame_table import ClientFrame, Fields, FrameContext, SocketSpec
from chatapp.errors import Invalid, Reason
from chatapp.ids.public import answer_id_or_missing, message_id_or_missing
from chatapp.ids.visitors import is_visitor, session_chat_id


def _greeting(actor: Actor, timestamp: str, cursor: str) -> dict[str, Any]:
    session_id = session_ids().bare(session_chat_id(actor.id)) if is_visitor(actor.id) else None
    return {"type": "connected", "session_id": session_id, "timestamp": timestamp}


def _visit(context: FrameContext, fields: Fields) -> Visit:
    """The session of a frame: the one that it names, or that of the socket.

    A visitor without an account has one session only: naming it again needs no signature.
    """
    actor, given = context.actor, fields["session_id"] or context.connection.session_id
    if is_visitor(actor.id):
        own = session_chat_id(actor.id)
        if not fields["session_id"] or session_ids().chat_id(fields["session_id"].partition(".")[0]) == own:
            return visit_own(actor, own)
    if not given:
        raise Invalid({"session_id": [Reason("missing")]})
    return visit(given, None if is_visitor(actor.id) else actor)


def _send_message(context: FrameContext, fields: Fields) -> None:
    found = _visit(context, fields)
    if is_visitor(context.actor.id):
        context.limiter.check_question(context.connection.remote_addr)
    asking.ask(
        found,
        fields["content"],
        language=fields["language"],
        fallback_language=preferred(),
        place=place_of(fields["item"], context.actor),
        idempotency_key=fields["client_message_id"],
        origin=context.connection.id,
    )


def _stop(context: FrameContext, fields: Fields) -> None:
    given = fields.get("answer_id")
    control.stop_answer(_visit(context, fields), answer_id_or_missing(given) if given else None)


def _set_typing(context: FrameContext, fields: Fields) -> None:
    found = _visit(context, fields)
    if found.session is not None:
        clear_after = context.settings.typing_clear
        typing.set_typing(found.actor, found.chat_id, fields["is_typing"], clear_after=clear_after)


def _resume(context: FrameContext, fields: Fields) -> None:
    found = _visit(context, fields)
    after_id = message_id_or_missing(fields["after_id"]) if "after_id" in fields else None
    missed = history.read_missed(found, after_id, limit=fields["limit"])
    # No piece follows its message: that may have been delivered during the read.
    while missed.partial is not None and context.hub.has_delivered(found.chat_id, missed.partial.version):
        missed = history.read_missed(found, after_id, limit=fields["limit"])
    page = {**replies.page(found, missed.page), "is_answering": missed.partial is not None}
    context.connection.send_json({"type": "resumed", **page})
    if missed.partial is not None:
        payload = frames.encode(missed.partial)
        assert payload is not None
        context.connection.write_text(payload)


def _pong(context: FrameContext, fields: Fields) -> None:
    context.connection.send_json({"type": "pong", "timestamp": clock.rfc3339(clock.now())})


CLIENT_FRAMES = {
    "message": ClientFrame(frame_schemas.Message, _send_message, "send"),
    "assistant.stop": ClientFrame(frame_schemas.Stop, _stop, "light"),
    "typing": ClientFrame(frame_schemas.Typing, _set_typing, "light"),
    "resume": ClientFrame(frame_schemas.Resume, _resume, "light"),
    "ping": ClientFrame(frame_schemas.Ping, _pong, is_validated=False),
    "heartbeat": ClientFrame(frame_schemas.Heartbeat, _pong, is_validated=False),
}

SOCKET = SocketSpec(
    path="/api/chat/ws",
    client_frames=CLIENT_FRAMES,
    server_frames=frame_schemas.SERVER_FRAMES,
    greeting=_greeting,
    error_frame=replies.error_frame,
    encode=frames.encode,
    admits_visitors=True,
)
