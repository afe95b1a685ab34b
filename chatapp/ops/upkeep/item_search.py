"""Brings the assistant's index of items up to date."""

from __future__ import annotations

from chatapp.actions import item_index
from chatapp.infra.fair_scheduling import yield_to_loop

_FIRST = ("", 0)


def rebuild() -> str:
    """Index all items that need it; returns a description. An interrupted run is continued by the next one."""
    written = 0
    position: tuple[str, int] | None = _FIRST
    while position is not None:
        count, position = item_index.write_stale(position)
        written += count
        yield_to_loop()
    return f"{written} items indexed"


def sweep_words() -> int:
    """Delete the words that no item has any more; returns their number."""
    return item_index.sweep_words()
