"""Statistics of the assistant, by day and language."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from chatapp.infra.postgres import database_connection, db

MOST_DAYS = 366
TIME_BOUNDS = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)  # seconds: of `answer_times`, whose last number has no bound


class Day(NamedTuple):
    """A day in one language.

    Attributes:
        with_items: answers that showed items.
        answer_ms: of all answers together, from the question to the end.
        answer_times: answers by their time, as `TIME_BOUNDS` divides them.
    """

    day: dt.date
    language: str
    sessions: int
    questions: int
    answers: int
    with_items: int
    stopped: int
    failed: int
    handovers: int
    ratings_up: int
    ratings_down: int
    answer_ms: int
    answer_times: list[int]


_DAYS = f"""
SELECT {", ".join(Day._fields)} FROM assistant_days WHERE day BETWEEN %s AND %s ORDER BY day, language
"""


def between(first: dt.date, last: dt.date) -> list[Day]:
    """The days of a period, both ends included."""
    with database_connection():
        rows: list[Any] = db.execute_sql(_DAYS, (first, last)).fetchall()
    return [Day._make(row) for row in rows]


def total(days: list[Day]) -> Day:
    """The sums over days and languages, as one day in the language `*`."""
    rows: list[Any] = [tuple(day) for day in days]
    numbers = [sum(row[index] for row in rows) for index in range(2, len(Day._fields) - 1)]
    times = [sum(day.answer_times[index] for day in days) for index in range(len(TIME_BOUNDS) + 1)]
    return Day._make([days[0].day if days else dt.date.min, "*", *numbers, times])
