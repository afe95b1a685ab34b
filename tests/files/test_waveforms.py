"""Waveforms keep their shape in any number of bars."""

from __future__ import annotations

import pytest

from chatapp.files.limits import WAVEFORM_BARS
from chatapp.files.waveforms import MAX_BARS, MIN_BARS, resampled

RISING = list(range(WAVEFORM_BARS))


@pytest.mark.parametrize("count", range(MIN_BARS, MAX_BARS + 1))
def test_every_number_of_bars(count: int) -> None:
    bars = resampled(RISING, count)
    assert len(bars) == count
    assert bars == sorted(bars)
    assert (min(bars) >= 0, max(bars)) == (True, 100)
    assert bars[0] <= 6
    assert abs(bars[count // 2] - 50) <= 6


def test_the_same_number_only_scales() -> None:
    assert resampled([0, 50, 25, 12], 4) == [0, 100, 50, 24]


def test_fewer_bars_are_averages() -> None:
    assert resampled([10, 30, 0, 20], 2) == [100, 50]
    assert resampled([3, 0, 0, 0, 0, 3], 4) == [100, 0, 0, 100]


def test_more_bars_are_between() -> None:
    assert resampled([0, 100], 4) == [0, 25, 75, 100]


@pytest.mark.parametrize("count", [1, 16, 64, 256])
def test_silence_stays_silent(count: int) -> None:
    assert resampled([0] * WAVEFORM_BARS, count) == [0] * count
