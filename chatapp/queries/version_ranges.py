"""Consecutive versions of a chat, for what a member does not see."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class VersionRange(NamedTuple):
    """All versions of a chat from `from_version` to `version`."""

    from_version: int
    version: int


def gathered(versions: Iterable[int]) -> tuple[VersionRange, ...]:
    """The fewest ranges of these versions, ascending."""
    ranges: list[VersionRange] = []
    for version in sorted(versions):
        if ranges and ranges[-1].version == version - 1:
            ranges[-1] = VersionRange(ranges[-1].from_version, version)
        else:
            ranges.append(VersionRange(version, version))
    return tuple(ranges)
