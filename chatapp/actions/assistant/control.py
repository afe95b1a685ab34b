"""What a visitor does with answers: stopping, asking for another one, rating."""

from __future__ import annotations

from typing import Any

from chatapp.actions.assistant import statistics, waking
from chatapp.actions.assistant.visits import Visit
from chatapp.actions.attachments.attaching import lock_chat
from chatapp.errors import Conflict, NotFound
from chatapp.infra.postgres import database_connection, db
from chatapp.queries import sessions as session_queries
from chatapp.transaction import unit_of_work

_STOP = """
UPDATE assistant_turns SET stop_asked_at = now()
WHERE chat_id = %(chat)s AND state <> 'done' AND coalesce(id = %(turn)s, true) RETURNING id
"""


def stop_answer(visit: Visit, turn_id: int | None = None) -> bool:
    """Stop the answer that is on its way; what was said of it becomes a message. Returns whether there was one.

    Parameters:
        turn_id: only this one.
    """
    with database_connection():
        return db.execute_sql(_STOP, {"chat": visit.chat_id, "turn": turn_id}).fetchone() is not None


_TURN_OF = "SELECT question_seq FROM assistant_turns WHERE chat_id = %s AND answer_id = %s"
_REGENERATE = """
INSERT INTO assistant_turns (chat_id, question_seq, regenerates) VALUES (%s, %s, %s)
ON CONFLICT (chat_id) WHERE state <> 'done' DO NOTHING RETURNING id
"""


def regenerate(visit: Visit, message_id: int) -> int:
    """Answer the question of an answer once more, in a further message; returns the turn.

    Raises:
        NotFound: `message_not_found`: no such answer in this session.
        Conflict: `session_ended`; `answer_running`; `human_answers`.
    """
    visit.check_open()
    with unit_of_work():
        chat = lock_chat(visit.chat_id)
        session = session_queries.by_chat(visit.chat_id)
        row = db.execute_sql(_TURN_OF, (visit.chat_id, message_id)).fetchone()
        if chat is None or session is None or row is None:
            raise NotFound("message_not_found")
        if session.responder == "human":
            raise Conflict("human_answers")
        opened = db.execute_sql(_REGENERATE, (visit.chat_id, row[0], message_id)).fetchone()
        if opened is None:
            raise Conflict("answer_running")
    waking.wake()
    return int(opened[0])


_RATE = """
INSERT INTO answer_ratings (message_id, chat_id, rating, reason) VALUES (%s, %s, %s, %s)
ON CONFLICT (message_id) DO UPDATE SET rating = excluded.rating, reason = excluded.reason, rated_at = now()
"""


def rate(visit: Visit, message_id: int, rating: str, reason: str) -> None:
    """Rate an answer; a second rating replaces the first.

    Raises:
        NotFound: `message_not_found`: no such answer in this session.
    """
    with unit_of_work():
        chat = lock_chat(visit.chat_id)
        if chat is None or db.execute_sql(_TURN_OF, (visit.chat_id, message_id)).fetchone() is None:
            raise NotFound("message_not_found")
        before: Any = db.execute_sql(
            "SELECT rating FROM answer_ratings WHERE message_id = %s", (message_id,)
        ).fetchone()
        db.execute_sql(_RATE, (message_id, visit.chat_id, rating, reason))
        statistics.count_rating(
            visit.chat_id,
            up=(rating == "up") - (before == ("up",)),
            down=(rating == "down") - (before == ("down",)),
        )
