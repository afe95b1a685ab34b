"""Renders events as frames of `/api/chat/ws`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from chatapp.auth.session_ids import session_ids
from chatapp.dialects.assistant import replies
from chatapp.events.assistant import (
    AnswerDelta,
    AnswerPartial,
    AnswerState,
    SessionClaimed,
    SessionEnded,
    SessionHandover,
)
from chatapp.events.types import ChatChanged, ChatSignal, Event, MessageEdited, MessageSent, TypingChanged
from chatapp.ids.public import encode_answer
from chatapp.ids.visitors import is_visitor

Frame = dict[str, Any]


def encode(event: Event) -> bytes | None:
    """Encode an event as a frame; None for events that this dialect does not send."""
    renderer = _RENDERERS.get(type(event))
    frame = None if renderer is None else renderer(event)
    return None if frame is None else orjson.dumps(frame)


def _frame(kind: str, event: ChatChanged | ChatSignal, **fields: Any) -> Frame:
    return {"type": kind, "session_id": session_ids().bare(event.chat_id), **fields, "version": event.version}


def _message_sent(event: MessageSent) -> Frame | None:
    note = event.message.session
    if note is None:  # of a chat that is no session
        return None
    message = replies.message(event.message)
    if note.role == "assistant":
        return _frame("assistant.message", event, answer_id=note.answer_id, message=message)
    return _frame("message", event, message=message)


def _message_edited(event: MessageEdited) -> Frame | None:
    if event.message.session is None:
        return None
    return _frame("message.updated", event, message=replies.message(event.message))


def _typing(event: TypingChanged) -> Frame | None:
    if not event.is_in_session:
        return None
    user = "user" if is_visitor(event.user_id) else "human"
    return _frame("typing", event, user=user, is_typing=event.is_typing, state=None)


def _answer_state(event: AnswerState) -> Frame:
    return _frame("typing", event, user="assistant", is_typing=event.state is not None, state=event.state)


def _delta(event: AnswerDelta) -> Frame:
    return _piece("assistant.delta", event, delta=event.delta)


def _partial(event: AnswerPartial) -> Frame:
    return _piece("assistant.partial", event, text=event.text)


def _piece(kind: str, event: AnswerDelta | AnswerPartial, **text: str) -> Frame:
    return _frame(
        kind, event, answer_id=encode_answer(event.answer_id), attempt=event.attempt, index=event.index, **text
    )


def _handover(event: SessionHandover) -> Frame:
    return _frame("session.handover", event, state=event.state, chat_id=event.chat_id)


def _claimed(event: SessionClaimed) -> Frame:
    return _frame("session.claimed", event)


def _ended(event: SessionEnded) -> Frame:
    return _frame("session.ended", event)


_RENDERERS: dict[type[Event], Callable[[Any], Frame | None]] = {
    MessageSent: _message_sent,
    MessageEdited: _message_edited,
    TypingChanged: _typing,
    AnswerState: _answer_state,
    AnswerDelta: _delta,
    AnswerPartial: _partial,
    SessionHandover: _handover,
    SessionClaimed: _claimed,
    SessionEnded: _ended,
}
