"""Percentiles and error counts for the rows of a report."""

from __future__ import annotations

import sys
from collections.abc import Sequence

MAX_PRINTED = 10


def percentile(seconds: Sequence[float], share: float) -> float:
    """Percentile in milliseconds; NaN without values."""
    ordered = sorted(seconds)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000, 2) if ordered else float("nan")


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """Median, 95th and 99th percentile in milliseconds."""
    return {f"p{share}_ms": percentile(seconds, share / 100) for share in (50, 95, 99)}


def print_errors(scenario: str, errors: Sequence[str]) -> int:
    """Print at most ten errors on stderr; returns their number."""
    for error in errors[:MAX_PRINTED]:
        print(f"{scenario}: {error}", file=sys.stderr)
    return len(errors)
