"""Figures of a measurement, and what went wrong in it, for a report's row."""

from __future__ import annotations

import sys
from collections.abc import Sequence

MOST_TOLD = 10


def percentile(seconds: Sequence[float], share: float) -> float:
    """The milliseconds that this share stayed within; not a number where nothing was measured."""
    ordered = sorted(seconds)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000, 2) if ordered else float("nan")


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """Median, 95th and 99th percentile in milliseconds."""
    return {f"p{share}_ms": percentile(seconds, share / 100) for share in (50, 95, 99)}


def tell_wrongs(scenario: str, wrongs: Sequence[str]) -> int:
    """Say on stderr what must not happen and did, not more than ten of it; returns how much it was."""
    for wrong in wrongs[:MOST_TOLD]:
        print(f"{scenario}: {wrong}", file=sys.stderr)
    return len(wrongs)
