"""Statements that each connection plans once, and the kind of a statement."""

from __future__ import annotations

import itertools
import re

# psycopg2's placeholders: named or positional, or an escaped percent sign.
_PLACEHOLDER = re.compile(r"%(?:\((\w+)\))?s|%%")
_numbers = itertools.count(1)


class Statement:
    """SQL that each connection parses and plans once, and then only executes: PREPARE and EXECUTE.

    psycopg2 sends text, which Postgres plans at each execution. Over the partitions of messages, planning takes several
    times as long as executing, so frequent queries are Statements; `db.run` runs them.

    Attributes:
        text: the SQL, for connections that cannot prepare.
        definition: prepares it on a connection.
        call: executes it there, with the placeholders of the SQL.
    """

    def __init__(self, sql: str) -> None:
        self.text = sql
        self.name = f"{kind_of(sql)}_{next(_numbers)}"
        placeholders: dict[str, str] = {}  # by name or position, in the order of PREPARE's parameters

        def number(match: re.Match[str]) -> str:
            if match[0] == "%%":
                return match[0]
            key = match[1] or str(len(placeholders))
            placeholders.setdefault(key, match[0])
            return f"${list(placeholders).index(key) + 1}"

        self.definition = f"PREPARE {self.name} AS {_PLACEHOLDER.sub(number, sql)}"
        self.call = f"EXECUTE {self.name}" + (f"({', '.join(placeholders.values())})" if placeholders else "")

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The statements to prepare before `call`: itself."""
        return (self,)


class Batch:
    """Statements and commands such as BEGIN that go to Postgres in one round trip; `db.run` runs them.

    Parameters:
        parts: in order. They share their values, so placeholders are named unless one part has all of them.

    Attributes:
        text, call: as in `Statement`.
        statements: the statements to prepare before `call`.
    """

    def __init__(self, *parts: Statement | str) -> None:
        self.statements = tuple(part for part in parts if isinstance(part, Statement))
        self.call = "; ".join(part if isinstance(part, str) else part.call for part in parts)
        self.text = "; ".join(part if isinstance(part, str) else part.text for part in parts)


class BitmapStatement:
    """SQL that may read indexes by bitmap scans, as GIN and BRIN require: full-text search; `db.run` runs it.

    Sessions disable bitmap scans (`postgres_sessions`). This enables them for one statement, in the same round trip:
    statements that are sent together run in one transaction, at whose end SET LOCAL is undone. It is planned at each
    execution and must not run within another transaction, whose later statements would be planned with bitmaps, too.

    Attributes:
        text, call: the SQL with its SET LOCAL.
        statements: none, since nothing is prepared.
    """

    statements: tuple[Statement, ...] = ()

    def __init__(self, sql: str) -> None:
        self.text = self.call = f"SET LOCAL enable_bitmapscan = on; {sql}"
        _kinds[self.call] = kind_of(sql)


_KINDS = frozenset({"select", "insert", "update", "delete", "begin", "commit", "rollback"})
OTHER = "other"
_VERB = re.compile(r"[()]|\b(select|insert|update|delete)\b", re.IGNORECASE)
_KNOWN_TEXTS = 500  # statements whose kind is cached; chatapp has some hundred, but long IN lists could make more

_kinds: dict[str, str] = {}


def kind_of(sql: str) -> str:
    """`select`, `insert`, `update`, `delete`, `begin`, `commit`, `rollback` or `other`.

    For a statement that begins with WITH it is the kind of its main part; for EXECUTE that of the prepared statement.
    """
    kind = _kinds.get(sql)
    if kind is None:
        kind = _parse(sql)
        if len(_kinds) < _KNOWN_TEXTS:
            _kinds[sql] = kind
    return kind


def _parse(sql: str) -> str:
    first = sql.split(None, 1)[0].rstrip(";").lower() if sql.strip() else OTHER
    if first == "with":
        return _main_verb(sql)
    if first == "execute":
        first = sql.split(None, 2)[1].partition("_")[0]
    return first if first in _KINDS else OTHER


def _main_verb(sql: str) -> str:
    depth = 0
    for match in _VERB.finditer(sql):
        if match[0] == "(":
            depth += 1
        elif match[0] == ")":
            depth -= 1
        elif depth == 0:
            return match[0].lower()
    return OTHER
