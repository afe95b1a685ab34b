"""Counts the queries that this process sends to Postgres."""

from __future__ import annotations

from typing import Any

from playhouse.test_utils import count_queries


class QueryCounter(count_queries):  # type: ignore[misc]
    """Records the queries of its block. PREPARE is left out: a connection prepares each statement once."""

    @property
    def queries(self) -> list[tuple[str, Any]]:
        """Text and values of each query so far."""
        return [query.msg for query in self.get_queries() if not query.msg[0].startswith("PREPARE")]
