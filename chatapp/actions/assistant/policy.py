"""The settings of sessions and answers."""

from __future__ import annotations

from typing import NamedTuple

from chatapp.infra.bound import Bound


class Policy(NamedTuple):
    """SESSION_TTL, ASSISTANT_CONCURRENCY, ASSISTANT_QUEUE, ASSISTANT_TIME, ASSISTANT_SUPPORT and LIMIT_QUESTIONS.

    Attributes:
        answers, answers_within: so many answers of one session in so many seconds.
    """

    ttl: float
    concurrency: int
    queue: int
    answer_time: float
    support: tuple[str, ...]
    answers: int
    answers_within: float


policy = Bound(
    "The policy of the assistant",
    lambda settings: Policy(
        settings.session_ttl,
        settings.assistant_concurrency,
        settings.assistant_queue,
        settings.assistant_time,
        settings.assistant_support,
        settings.limit_questions.amount,
        float(settings.limit_questions.get_expiry()),
    ),
)
