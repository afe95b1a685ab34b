"""What Postgres is asked in this process."""

from __future__ import annotations

from typing import Any

from playhouse.test_utils import count_queries


class Asked(count_queries):  # type: ignore[misc]
    """What Postgres is asked meanwhile. To prepare a statement is not counted: a connection does it once."""

    @property
    def queries(self) -> list[tuple[str, Any]]:
        """Text and values of each question so far."""
        return [query.msg for query in self.get_queries() if not query.msg[0].startswith("PREPARE")]
