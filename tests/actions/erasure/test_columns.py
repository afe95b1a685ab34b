"""Each column that can hold a text has a line that says what an erasure does with it."""

from __future__ import annotations

from chatapp.actions.erasure.columns import CHANGED_TABLES, COLUMNS, PARTITIONED, column_rows
from tests.database import Database

# All types of variable length but numbers: text, JSON, bytes, arrays, text search vectors.
_TEXTS = """
SELECT c.relname, a.attname FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND a.attlen = -1 AND t.typcategory <> 'N'
"""


def test_every_column_has_a_line(core: Database) -> None:
    stored = set(core.rows(_TEXTS))
    known = {(column.table, column.name) for column in COLUMNS}
    assert stored - known == set(), "a new column needs a line in actions/erasure/columns.py, and a step that erases it"
    assert known - stored == set()


def test_no_column_has_two_lines() -> None:
    names = [(column.table, column.name) for column in COLUMNS]
    assert len(names) == len(set(names))


def test_tables_that_erasures_change_are_rewritten() -> None:
    assert {"users", "client_keys", "outbox"} <= set(CHANGED_TABLES)
    assert not {"blocks", "job_runs", *PARTITIONED} & set(CHANGED_TABLES)


def test_the_documentation_has_all_lines() -> None:
    assert len(column_rows()) == len(COLUMNS)
    assert column_rows()[0][:2] == ("`users.username`", "erased")
