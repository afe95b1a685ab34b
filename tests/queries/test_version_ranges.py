"""Versions are gathered into the fewest ranges."""

from __future__ import annotations

import pytest

from chatapp.queries.version_ranges import gathered


@pytest.mark.parametrize(
    ("versions", "ranges"),
    [([], []), ([4], [(4, 4)]), ([3, 1, 2], [(1, 3)]), ([9, 1, 3, 2, 7, 8], [(1, 3), (7, 9)])],
)  # fmt: skip
def test_consecutive_versions_are_one_range(versions: list[int], ranges: list[tuple[int, int]]) -> None:
    assert list(gathered(versions)) == ranges
