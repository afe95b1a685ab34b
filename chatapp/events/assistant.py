"""Events of sessions of the assistant."""

from __future__ import annotations

from dataclasses import dataclass

from chatapp.events.families import ChatChanged, ChatSignal


@dataclass(frozen=True, slots=True)
class AnswerState(ChatSignal):
    """The assistant has begun to do something, or has ended. Never stored.

    Attributes:
        state: `thinking`, `searching`, `generating` or `error`; None once it does nothing more.
    """

    kind = "answer_state"

    state: str | None


@dataclass(frozen=True, slots=True)
class AnswerDelta(ChatSignal):
    """A piece of an answer. Never stored: the message that ends the answer replaces its pieces.

    Attributes:
        answer_id: of the turn.
        attempt: a higher one replaces what was said before.
        index: of the piece, from 1 in each attempt.
    """

    kind = "answer_delta"

    answer_id: int
    attempt: int
    index: int
    delta: str


@dataclass(frozen=True, slots=True)
class AnswerPartial(ChatSignal):
    """The text of an answer so far, for sockets that have missed pieces. Never stored.

    Attributes:
        index: of the last piece in it.
    """

    kind = "answer_partial"

    answer_id: int
    attempt: int
    index: int
    text: str


@dataclass(frozen=True, slots=True)
class SessionHandover(ChatSignal):
    """A session went to a human, or back to the assistant.

    Attributes:
        state: `offered`, `accepted` or `released`.
    """

    kind = "session_handover"

    state: str


@dataclass(frozen=True, slots=True)
class SessionClaimed(ChatChanged):
    """A visitor has logged in: the session and its messages belong to the account now."""

    kind = "session_claimed"


@dataclass(frozen=True, slots=True)
class SessionEnded(ChatSignal):
    """The visitor has ended a session."""

    kind = "session_ended"
