"""Bodies of pages that many read, kept in this worker. Nothing in here can be stale.

A key names one state for good (a chat's version never comes back), so an entry is never changed or taken out because
something happened; it is only forgotten when room is needed. What changes without moving a version (read pointers,
blocks, presence, profiles) is no part of a body: whoever reads an entry lays it over fresh.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

from chatapp import metrics

Body = TypeVar("Body")


class PageCache(Generic[Body]):
    """The bodies that were read last.

    Parameters:
        name: label of its hits and misses in the metrics.
        capacity: bytes; 0 keeps nothing.
    """

    def __init__(self, name: str, capacity: int) -> None:
        self._name = name
        self._capacity = capacity
        self._entries: OrderedDict[Hashable, tuple[Body, int]] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def bytes_held(self) -> int:
        """The sizes of all entries, as they were given."""
        return self._bytes

    def get(self, key: Hashable) -> Body | None:
        """The body under a key, which counts as used now; None where it is not held."""
        entry = self._entries.get(key)
        metrics.cache_asked(self._name, is_hit=entry is not None)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        return entry[0]

    def put(self, key: Hashable, body: Body, size: int) -> None:
        """Hold a body, and forget those that were used longest ago where there is no room.

        Parameters:
            size: bytes that it takes, roughly. One that would fill an eighth of the cache is not held at all: it would
                push out too much that is asked for more often.
        """
        if size > self._capacity // 8:
            return
        _, replaced = self._entries.pop(key, (None, 0))
        self._entries[key] = (body, size)
        self._bytes += size - replaced
        while self._bytes > self._capacity:
            _, (_, freed) = self._entries.popitem(last=False)
            self._bytes -= freed

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._bytes = 0
