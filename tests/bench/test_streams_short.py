"""A short run with few answers: other users lose nothing beside them, and each question has its answer."""

from __future__ import annotations

import pytest

from bench.assistant.streams import streams


@pytest.mark.long
def test_answers_stream_beside_other_users() -> None:
    rows = streams(1.0, running=3, waiting=4, many=5, slices=1, short_answers=50, judges_time=False)
    assert [row["errors"] for row in rows] == [0] * len(rows), rows
    alone, beside, *goals, _, _ = rows
    assert alone["complete"] == alone["sent"] > 0
    assert beside["complete"] == beside["sent"] > 0
    assert beside["pieces_per_s"] > 0
    assert any("retry_after" in goal["of"] for goal in goals)
