"""The jobs of the index of items."""

from __future__ import annotations

from peewee import PostgresqlDatabase

from chatapp.actions import items
from chatapp.ops.upkeep.jobs import JOBS_BY_NAME, run_job
from config import Settings


def test_items_of_another_release_are_indexed(bound: Settings, db: PostgresqlDatabase) -> None:
    db.execute_sql("INSERT INTO items (kind, id, title) SELECT 'listing', n, 'Red sofa' FROM generate_series(1, 250) n")
    assert run_job(JOBS_BY_NAME["item_search_rebuild"], bound) == "250 items indexed"
    found = db.execute_sql("SELECT count(*) FROM item_search WHERE tokens @@ '''cat:sofa'' & ''col:red'''").fetchone()
    assert found == (250,)
    assert run_job(JOBS_BY_NAME["item_search_rebuild"], bound) == "0 items indexed"


def test_words_are_swept(bound: Settings, db: PostgresqlDatabase) -> None:
    items.put_item("listing", 1, {"title": "Kestrel"})
    db.execute_sql("UPDATE item_words SET used_on = used_on - 9")
    db.execute_sql("DELETE FROM item_search")
    assert run_job(JOBS_BY_NAME["item_words_sweep"], bound) == "1 rows deleted"
