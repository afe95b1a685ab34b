"""Statistics of sockets and of the assistant, for services and for moderators."""

from __future__ import annotations

import datetime as dt
from typing import Any

from marshmallow import fields

from chatapp import clock
from chatapp.edge.http.fields import Integer, Number, ReplySchema, RequestSchema, Text
from chatapp.errors import Invalid, Reason
from chatapp.queries import assistant_days
from chatapp.queries.assistant_days import MOST_DAYS, TIME_BOUNDS
from chatapp.queries.assistant_days import Day as StoredDay

_DEFAULT = dt.timedelta(days=29)


class Day(fields.Date):
    """A day in UTC, such as `2026-11-29`."""


class StatsQuery(RequestSchema):
    """The period, both ends included; by default the last thirty days."""

    first = Day(data_key="from")
    last = Day(data_key="to")


class Numbers(ReplySchema):
    sessions = Integer(0, required=True)
    questions = Integer(0, required=True)
    answers = Integer(0, required=True)
    answers_with_items = Integer(0, required=True)
    hit_rate = Number(0, 1, required=True, allow_none=True, metadata={"description": "Of answers, those with items."})
    answers_stopped = Integer(0, required=True)
    answers_failed = Integer(0, required=True)
    handovers = Integer(0, required=True)
    ratings_up = Integer(0, required=True)
    ratings_down = Integer(0, required=True)
    answer_seconds_mean = Number(0, required=True, allow_none=True)
    answer_times = fields.Dict(
        required=True, metadata={"description": "Answers by their time: up to so many seconds; `more` than thirty."}
    )


class DayNumbers(Numbers):
    day = Text(required=True, metadata={"format": "date"})
    language = Text(required=True)


class Stats(ReplySchema):
    total = fields.Nested(Numbers, required=True)
    days = fields.List(fields.Nested(DayNumbers), required=True)


class WorkerStats(ReplySchema):
    worker = Text()
    connections = Integer()
    frames_in = Integer()
    frames_out = Integer()


class SocketStats(ReplySchema):
    connections = Integer()
    users = Integer()
    frames_in = Integer()
    frames_out = Integer()
    workers = fields.List(fields.Nested(WorkerStats))


def assistant_stats(args: dict[str, Any]) -> dict[str, Any]:
    """What happened in sessions in a period.

    Parameters:
        args: as `StatsQuery` loads them.

    Raises:
        Invalid: the period is too long, or ends before it begins.
    """
    last = args.get("last") or clock.now().date()
    first = args.get("first") or last - _DEFAULT
    if not 0 <= (last - first).days < MOST_DAYS:
        raise Invalid({"from": [Reason("out_of_range", min=f"to - {MOST_DAYS - 1}", max="to")]})
    days = assistant_days.between(first, last)
    shown = [{"day": day.day.isoformat(), "language": day.language, **_numbers(day)} for day in days]
    return {"total": _numbers(assistant_days.total(days)), "days": shown}


def _numbers(day: StoredDay) -> dict[str, Any]:
    bounds = [f"{bound:g}" for bound in TIME_BOUNDS]
    return {
        "sessions": day.sessions,
        "questions": day.questions,
        "answers": day.answers,
        "answers_with_items": day.with_items,
        "hit_rate": round(day.with_items / day.answers, 4) if day.answers else None,
        "answers_stopped": day.stopped,
        "answers_failed": day.failed,
        "handovers": day.handovers,
        "ratings_up": day.ratings_up,
        "ratings_down": day.ratings_down,
        "answer_seconds_mean": round(day.answer_ms / day.answers / 1000, 3) if day.answers else None,
        "answer_times": dict(zip([*bounds, "more"], day.answer_times, strict=True)),
    }
