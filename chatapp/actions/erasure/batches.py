"""What a batch of a step did."""

from __future__ import annotations

from typing import NamedTuple

from chatapp.infra.postgres import db


class Batch(NamedTuple):
    """A batch.

    Attributes:
        erased: rows that went.
        position: where the next batch goes on; None if the step is done.
    """

    erased: int
    position: int | None = None


def mark_partitions(ids: list[int], *tables: str) -> None:
    """Note, in the running unit of work, which partitions hold erased versions of the rows of messages.

    Parameters:
        ids: of the messages.
        tables: partitioned by the ids of messages.
    """
    for table in tables:
        key = "id" if table == "messages" else "message_id"
        db.execute_sql(
            f"INSERT INTO erased_partitions (name) SELECT DISTINCT tableoid::regclass::text FROM {table}"
            f" WHERE retention IN (0, 1) AND {key} = ANY(%s)"
            " ON CONFLICT (name) DO UPDATE SET marked_at = excluded.marked_at",
            (ids,),
        )
