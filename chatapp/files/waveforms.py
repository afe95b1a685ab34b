"""Waveforms of audio files in any number of bars, from the 64 that are stored."""

from __future__ import annotations

from collections.abc import Sequence

from chatapp.files.limits import WAVEFORM_TOP

MIN_BARS, MAX_BARS = 16, 256  # of what a client may request: the widths of players


def resampled(bars: Sequence[float], count: int) -> list[int]:
    """The same waveform in another number of bars, scaled so that the loudest is 100; all 0 for silence.

    Fewer bars are averages of the stored ones; more bars lie on straight lines between them.

    Parameters:
        bars: not empty.
        count: of the bars to return, at least 1.
    """
    levels = _averaged(bars, count) if count <= len(bars) else _interpolated(bars, count)
    top = max(levels)
    return [round(WAVEFORM_TOP * level / top) if top > 0 else 0 for level in levels]


def _averaged(bars: Sequence[float], count: int) -> list[float]:
    """Each new bar is the mean of the stretch that it covers, with parts of bars at its ends."""
    width = len(bars) / count
    levels = []
    for index in range(count):
        start, end = index * width, min((index + 1) * width, len(bars))
        total, position = 0.0, start
        while position < end:
            until = min(int(position) + 1, end)
            total += bars[int(position)] * (until - position)
            position = until
        levels.append(total / width)
    return levels


def _interpolated(bars: Sequence[float], count: int) -> list[float]:
    """Each new bar has the level at its middle, between the middles of the two bars next to it."""
    levels = []
    for index in range(count):
        place = min(max((index + 0.5) * len(bars) / count - 0.5, 0.0), len(bars) - 1.0)
        left = int(place)
        right = min(left + 1, len(bars) - 1)
        levels.append(bars[left] + (bars[right] - bars[left]) * (place - left))
    return levels
