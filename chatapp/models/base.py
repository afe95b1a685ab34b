"""The base class and field types of all tables."""

from __future__ import annotations

from typing import Any

from peewee import Field, Model
from playhouse.postgres_ext import DateTimeTZField

from chatapp.infra.postgres import db


class Table(Model):
    """A table of chatapp. Migrations define the schema; models only name its columns."""

    class Meta:
        database = db
        legacy_table_names = False


class TransactionIdField(Field):
    """Postgres' 64-bit transaction id, as an int."""

    field_type = "xid8"

    def python_value(self, value: Any) -> int | None:
        return None if value is None else int(value)


__all__ = ["DateTimeTZField", "Table", "TransactionIdField"]
