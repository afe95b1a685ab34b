"""The pace of the indexer: full speed, until its own batches become slower."""

from __future__ import annotations

from chatapp.outbox.search_pace import REMEMBERED, Pace


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_full_speed_while_batches_are_as_fast_as_the_fastest() -> None:
    pace = Pace(Clock())
    assert [pace.pause_after(1000, seconds, 0) for seconds in (0.1, 0.14, 0.12)] == [0, 0, 0]
    assert not pace.is_busy


def test_a_tenth_of_the_time_on_a_busy_machine() -> None:
    pace = Pace(Clock())
    pace.pause_after(1000, 0.1, 0)
    assert abs(pace.pause_after(1000, 0.2, 0) - 9 * 0.2) < 1e-9
    assert pace.is_busy
    assert abs(pace.pause_after(1000, 0.2, 61) - 3 * 0.2) < 1e-9, "a quarter once it is late"
    assert pace.pause_after(1000, 0.1, 61) == 0
    assert not pace.is_busy


def test_small_batches_say_nothing() -> None:
    pace = Pace(Clock())
    pace.pause_after(1000, 0.1, 0)
    assert pace.pause_after(1, 0.1, 0) == 0
    pace.pause_after(1000, 0.2, 0)
    assert pace.pause_after(1, 0.01, 0) > 0, "still busy"


def test_an_old_batch_is_forgotten() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.pause_after(1000, 0.1, 0)
    clock.now += REMEMBERED + 1
    assert pace.pause_after(1000, 0.2, 0) == 0


def test_rest_ends_the_busy_state() -> None:
    pace = Pace(Clock())
    pace.pause_after(1000, 0.1, 0)
    pace.pause_after(1000, 0.2, 0)
    pace.rest()
    assert not pace.is_busy
