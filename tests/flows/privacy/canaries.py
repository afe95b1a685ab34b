"""Looks for a text in everything that is stored: columns, files of the database, Redis, objects."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import redis

from chatapp.infra import object_storage
from tests.database import Database

_COLUMNS = """
SELECT c.relname, a.attname, a.atttypid = 'bytea'::regtype FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND a.attlen = -1 AND t.typcategory <> 'N'
"""
_FILES = """
SELECT c.oid::regclass::text, pg_relation_filepath(c.oid) FROM pg_class c
WHERE pg_relation_filepath(c.oid) IS NOT NULL
"""


def columns_with(database: Database, canary: str) -> set[str]:
    """The columns, as `table.column`, that hold a text in any row."""
    found = set()
    for table, column, is_bytes in database.rows(_COLUMNS):
        shown = f"encode(\"{column}\", 'escape')" if is_bytes else f'"{column}"::text'
        if database.rows(f'SELECT 1 FROM "{table}" WHERE {shown} LIKE %s LIMIT 1', f"%{canary}%"):
            found.add(f"{table}.{column}")
    return found


def files_with(database: Database, canary: str) -> set[str]:
    """The relations whose files hold a text, and files that belong to none. WAL is not looked at."""
    ((folder,),) = database.rows("SELECT current_setting('data_directory')")
    ((oid,),) = database.rows("SELECT oid FROM pg_database WHERE datname = current_database()")
    names = {path: name for name, path in database.rows(_FILES)}
    found = set()
    for path in (Path(folder) / "base" / str(oid)).iterdir():
        if path.is_file() and canary.encode() in path.read_bytes():
            number = f"base/{oid}/{path.name.partition('.')[0].partition('_')[0]}"
            found.add(names.get(number, str(path)))
    return found


def keys_with(client: redis.Redis, canary: str) -> list[bytes]:
    """The Redis keys in whose name or value a text is found."""
    wanted = canary.encode()
    found: Any = client.scan_iter(count=1000)
    return [key for key in found if wanted in key or wanted in (client.dump(key) or b"")]


def objects_with(canary: str) -> list[str]:
    """The objects of the bucket in whose name, metadata or bytes a text is found."""
    found = []
    for info in object_storage.list_objects():
        stat = object_storage.bucket().client.stat_object(object_storage.bucket().name, info.name)
        described = repr(sorted((stat.metadata or {}).items())) + info.name
        if canary in described or canary.encode() in b"".join(object_storage.read(info.name)):
            found.append(info.name)
    return found


def all_columns(columns: Iterable[Any], *fates: str) -> set[str]:
    """The names of the columns with one of these fates."""
    return {f"{column.table}.{column.name}" for column in columns if column.fate in fates}
