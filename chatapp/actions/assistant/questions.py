"""Messages in sessions, as part of their group commit: a question opens a turn in the transaction that stores it.

So no question is lost, over whatever dialect it came: either both are stored, or neither is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chatapp.actions.assistant.policy import policy
from chatapp.errors import ChatError, Conflict
from chatapp.events.assistant import SessionHandover
from chatapp.events.types import MessageSent
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Statement


@dataclass(frozen=True, slots=True)
class SessionHead:
    """A session while messages of its chat are numbered.

    Attributes:
        is_open: whether it has neither ended nor expired.
        handover: as in `queries.sessions.Session`.
    """

    visitor_id: int
    is_open: bool
    handover: str | None


_HEADS = Statement("""
SELECT chat_id, visitor_id, ended_at IS NULL AND expires_at > now(), handover FROM sessions WHERE chat_id = ANY(%s)
""")


def read_heads(chat_ids: Sequence[int]) -> dict[int, SessionHead]:
    """The sessions of locked chats; without a query if there are none."""
    if not chat_ids:
        return {}
    rows: list[Any] = db.run(_HEADS, (list(chat_ids),)).fetchall()
    return {chat_id: SessionHead(*values) for chat_id, *values in rows}


def refusal(head: SessionHead) -> ChatError | None:
    """Why no message can be stored in a session; None if it can."""
    return None if head.is_open else Conflict("session_ended")


# While the assistant has shown nothing of an answer, a further question belongs to the same turn. Afterwards it waits:
# the transaction that ends the turn opens the next one.
_ASK = Statement("""
WITH asked AS (
    SELECT * FROM unnest(%(chats)s::bigint[], %(seqs)s::bigint[]) a (chat_id, seq)
), session AS (
    UPDATE sessions s SET expires_at = now() + make_interval(secs => %(ttl)s) FROM asked
    WHERE s.chat_id = asked.chat_id AND s.chat_id = ANY(%(chats)s::bigint[])
    RETURNING s.chat_id, s.responder, s.language, asked.seq
), counted AS (
    INSERT INTO assistant_days (day, language, questions)
    SELECT (now() AT TIME ZONE 'UTC')::date, language, count(*) FROM session GROUP BY language ORDER BY language
    ON CONFLICT (day, language) DO UPDATE SET questions = assistant_days.questions + excluded.questions
)
INSERT INTO assistant_turns (chat_id, question_seq)
SELECT chat_id, seq FROM session WHERE responder = 'assistant'
ON CONFLICT (chat_id) WHERE state <> 'done' DO UPDATE SET question_seq = excluded.question_seq
    WHERE assistant_turns.partial_index = 0 AND assistant_turns.regenerates IS NULL
""")
_ACCEPT = Statement("""
UPDATE sessions SET handover = 'accepted' WHERE chat_id = ANY(%s) AND handover = 'offered' RETURNING chat_id
""")


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the messages of a batch mean for their sessions.

    Attributes:
        has_questions: whether a turn may wait now.
        signals: to be published after the commit.
    """

    has_questions: bool = False
    signals: tuple[SessionHandover, ...] = ()


def record(heads: Mapping[int, SessionHead], events: Sequence[MessageSent]) -> Recorded:
    """Open turns for the questions of a batch, and accept hand-overs by the first message of a human.

    Parameters:
        heads: the sessions of the batch.
        events: of its new messages, in their order.
    """
    asked: dict[int, int] = {}
    answered: dict[int, int] = {}
    for event in events:
        head = heads.get(event.chat_id)
        if head is None:
            continue
        if event.message.sender.id == head.visitor_id:
            asked[event.chat_id] = event.message.seq
        elif head.handover == "offered":
            answered[event.chat_id] = event.version
    if asked:
        # In one order: transactions that count on the same rows must not deadlock.
        chat_ids = sorted(asked)
        db.run(_ASK, {"chats": chat_ids, "seqs": [asked[id] for id in chat_ids], "ttl": policy().ttl})
    accepted = db.run(_ACCEPT, (sorted(answered),)).fetchall() if answered else ()
    signals = (SessionHandover((), chat_id, answered[chat_id], state="accepted") for (chat_id,) in accepted)
    return Recorded(bool(asked), tuple(signals))
