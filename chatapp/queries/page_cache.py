"""A cache of page bodies in the memory of a worker, which needs no invalidation.

A key identifies one state permanently, since the version of a chat never repeats. So entries are never changed, only
evicted when room is needed. What changes without a version (read pointers, blocks, presence, profiles) is not part of a
body: readers of an entry add it from a fresh query.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

from cachetools import LRUCache

from chatapp import metrics

Body = TypeVar("Body")


class PageCache(Generic[Body]):
    """The least recently used bodies are evicted first.

    Parameters:
        name: label of hits and misses in the metrics.
        capacity: bytes; 0 disables the cache.
    """

    def __init__(self, name: str, capacity: int) -> None:
        self._name = name
        self._entries: LRUCache[Hashable, tuple[Body, int]] = LRUCache(capacity, getsizeof=lambda entry: entry[1])

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def bytes_held(self) -> int:
        """The sum of the sizes given to `put`."""
        return int(self._entries.currsize)

    def get(self, key: Hashable) -> Body | None:
        """The body under a key; None if it is not cached."""
        entry = self._entries.get(key)
        metrics.cache_looked_up(self._name, is_hit=entry is not None)
        return None if entry is None else entry[0]

    def put(self, key: Hashable, body: Body, size: int) -> None:
        """Cache a body.

        Parameters:
            size: bytes, roughly. A body larger than an eighth of the capacity is not cached, because it would evict too
                many others.
        """
        if size <= self._entries.maxsize // 8:
            self._entries[key] = (body, size)

    def clear(self) -> None:
        """Remove all entries."""
        self._entries.clear()
