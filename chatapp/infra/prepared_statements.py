"""Statements that connections plan once, and which kind of statement a piece of SQL is."""

from __future__ import annotations

import itertools
import re

# psycopg2's placeholders: named, one after the other, or a percent sign that is meant.
_PLACEHOLDER = re.compile(r"%(?:\((\w+)\))?s|%%")
_numbers = itertools.count(1)


class Statement:
    """SQL that a connection parses and plans once, and from then on only runs: PREPARE and EXECUTE.

    psycopg2 sends text, which Postgres plans anew each time. Over the partitions of messages that takes several times
    as long as the answer does, so whatever is asked all the time is one of these; `db.run` runs it.

    Attributes:
        text: the SQL, for connections that cannot prepare.
        definition: prepares it on a connection.
        call: runs it there, with the placeholders of the SQL.
    """

    def __init__(self, sql: str) -> None:
        self.text = sql
        self.name = f"{kind_of(sql)}_{next(_numbers)}"
        placeholders: dict[str, str] = {}  # by what each stands for, in the order of PREPARE's parameters

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
        """What a connection must have prepared before `call`: itself."""
        return (self,)


class Batch:
    """Statements and plain words such as BEGIN that go to Postgres in one round trip; `db.run` runs them.

    Parameters:
        parts: in their order. They share their values, so placeholders are named unless one part has all of them.

    Attributes:
        text, call: as of a `Statement`.
        statements: what a connection must have prepared before `call`.
    """

    def __init__(self, *parts: Statement | str) -> None:
        self.statements = tuple(part for part in parts if isinstance(part, Statement))
        self.call = "; ".join(part if isinstance(part, str) else part.call for part in parts)
        self.text = "; ".join(part if isinstance(part, str) else part.text for part in parts)


_KINDS = frozenset({"select", "insert", "update", "delete", "begin", "commit", "rollback"})
OTHER = "other"
_VERB = re.compile(r"[()]|\b(select|insert|update|delete)\b", re.IGNORECASE)
_KNOWN_TEXTS = 500  # statements whose kind is remembered; chatapp has some hundred, long IN lists could make more

_kinds: dict[str, str] = {}


def kind_of(sql: str) -> str:
    """`select`, `insert`, `update`, `delete`, `begin`, `commit`, `rollback` or `other`.

    A statement that begins with WITH is what its main part is, not what its parts are; one that was prepared is what
    it was prepared for.
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
