"""Counts what happens in sessions, by day and language: the numbers outlast the sessions."""

from __future__ import annotations

from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Statement
from chatapp.queries.assistant_days import TIME_BOUNDS

_COUNTED = {"stopped": "stopped", "interrupted": "failed", "failed": "failed"}

_ANSWER = Statement("""
INSERT INTO assistant_days AS d (day, language, answers, with_items, stopped, failed, answer_ms, answer_times)
VALUES ((now() AT TIME ZONE 'UTC')::date, %(language)s, 1, %(with_items)s, %(stopped)s, %(failed)s, %(ms)s, %(times)s)
ON CONFLICT (day, language) DO UPDATE SET answers = d.answers + 1, with_items = d.with_items + excluded.with_items,
    stopped = d.stopped + excluded.stopped, failed = d.failed + excluded.failed,
    answer_ms = d.answer_ms + excluded.answer_ms,
    answer_times = ARRAY(SELECT a + b FROM unnest(d.answer_times, excluded.answer_times) AS t (a, b))
""")


def count_answer(language: str, status: str, seconds: float, *, has_items: bool) -> None:
    """Count an answer in the running transaction.

    Parameters:
        seconds: since its question.
    """
    index = next((index for index, bound in enumerate(TIME_BOUNDS) if seconds <= bound), len(TIME_BOUNDS))
    counted = _COUNTED.get(status)
    db.run(
        _ANSWER,
        {
            "language": language,
            "with_items": int(has_items),
            "stopped": int(counted == "stopped"),
            "failed": int(counted == "failed"),
            "ms": round(seconds * 1000),
            "times": [int(position == index) for position in range(len(TIME_BOUNDS) + 1)],
        },
    )


_HANDOVER = """
INSERT INTO assistant_days AS d (day, language, handovers)
SELECT (now() AT TIME ZONE 'UTC')::date, language, 1 FROM sessions WHERE chat_id = %s
ON CONFLICT (day, language) DO UPDATE SET handovers = d.handovers + 1
"""
_RATING = """
INSERT INTO assistant_days AS d (day, language, ratings_up, ratings_down)
SELECT (now() AT TIME ZONE 'UTC')::date, language, %(up)s, %(down)s FROM sessions WHERE chat_id = %(chat)s
ON CONFLICT (day, language) DO UPDATE SET ratings_up = greatest(0, d.ratings_up + %(up)s),
    ratings_down = greatest(0, d.ratings_down + %(down)s)
"""


def count_handover(chat_id: int) -> None:
    """Count a session that goes to a human, in the running transaction."""
    db.execute_sql(_HANDOVER, (chat_id,))


def count_rating(chat_id: int, *, up: int, down: int) -> None:
    """Count a rating in the running transaction; -1 takes one back."""
    db.execute_sql(_RATING, {"chat": chat_id, "up": up, "down": down})
