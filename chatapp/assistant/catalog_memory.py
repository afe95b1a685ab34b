"""What the adapter `catalog` knows from the answer before: the wish, and the items that were shown last.

It travels as `Done.wish` with each answer. What is stored may be of another release, so what is of another
format is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chatapp.assistant.port import ItemRef, Turn
from chatapp.catalogue.wish import Wish, from_json

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Memory:
    """The wish so far, and the items of the last answer that had any, in their order."""

    wish: Wish = Wish()
    last: tuple[ItemRef, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """For `memory_of`."""
        return {
            "format": FORMAT,
            "wish": self.wish.to_json(),
            "last": [[ref.kind, ref.id] for ref in self.last],
        }


def memory_of(turn: Turn) -> Memory:
    """What the answer before has left."""
    stored: Mapping[str, Any] = turn.wish or {}
    if stored.get("format") != FORMAT:
        return Memory()
    return Memory(from_json(stored["wish"]), tuple(ItemRef(kind, item_id) for kind, item_id in stored["last"]))
