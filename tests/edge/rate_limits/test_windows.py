"""Sliding-window counters in memory."""

from __future__ import annotations

from limits import parse

from chatapp.edge.rate_limits.frame_limits import with_burst
from chatapp.edge.rate_limits.windows import MemoryWindows


def test_a_window_moves_and_forgets() -> None:
    windows, rate = MemoryWindows(), with_burst(parse("2/second"), 1)
    assert [windows.hit("a", rate) == 0.0 for _ in range(4)] == [True, True, True, False]
    assert 0 < windows.hit("a", rate) <= 1
    assert windows.hit("b", rate, cost=3) == 0.0 and windows.hit("b", rate) > 0
    windows.forget("a")
    assert windows.hit("a", rate) == 0.0
    assert windows.hit("c", parse("0/second")) > 0


def test_empty_windows_are_swept() -> None:
    windows, rate = MemoryWindows(), parse("1/hour")
    for number in range(9000):
        windows.hit(str(number), rate)
    windows._ends = dict.fromkeys(windows._ends, 0.0)
    windows.hit("last", rate)
    for number in range(9000):
        windows.hit(f"more-{number}", rate)
    assert len(windows._windows) <= 9001
