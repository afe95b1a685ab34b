"""A short run on few wares: they are indexed, and questions are answered."""

from __future__ import annotations

from bench.assistant import scenario


def test_questions_are_answered() -> None:
    indexing, answers = scenario.assistant(60, questions=40, judges_time=False)
    assert (indexing["items"], indexing["errors"], answers["errors"]) == (60, 0, 0)
    assert answers["with_cards"] > 0
