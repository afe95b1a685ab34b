"""A short run with a small larger chat: every message reaches every socket, and growing queues are noticed."""

from __future__ import annotations

import pytest

from bench.members.queues import has_grown
from bench.members.scenario import members

GOALS = 8


@pytest.mark.long
def test_every_message_reaches_every_socket_of_both_web_processes() -> None:
    rows = members(3, size=60, sockets=20, pairs=2, slices=1, judges_time=False)
    measured, goals = rows[:-GOALS], rows[-GOALS:]
    assert [row["errors"] for row in rows] == [0] * len(rows), rows
    assert all(row["complete"] == row["sent"] > 0 for row in measured), measured
    assert {goal["of"]: goal["value"] for goal in goals}["rows of a message to a pair"] > 1


def test_queue_that_grows_is_noticed() -> None:
    assert has_grown([*range(0, 90_000, 1000)], slack=5000)
    assert not has_grown([0, 60_000, 0] * 30, slack=5000)
    assert not has_grown([4000] * 30 + [5000] * 30, slack=5000)
    assert not has_grown([], slack=0)
