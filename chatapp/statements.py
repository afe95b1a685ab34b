"""Which kind of statement a piece of SQL is: the bounded label of the database metrics."""

from __future__ import annotations

import re

_KINDS = frozenset({"select", "insert", "update", "delete", "begin", "commit", "rollback"})
OTHER = "other"
_VERB = re.compile(r"[()]|\b(select|insert|update|delete)\b", re.IGNORECASE)
_KNOWN_TEXTS = 500  # statements whose kind is remembered; chatapp has some hundred, long IN lists could make more

_kinds: dict[str, str] = {}


def kind_of(sql: str) -> str:
    """`select`, `insert`, `update`, `delete`, `begin`, `commit`, `rollback` or `other`.

    A statement that begins with WITH is what its main part is, not what its parts are.
    """
    kind = _kinds.get(sql)
    if kind is None:
        kind = _parse(sql)
        if len(_kinds) < _KNOWN_TEXTS:
            _kinds[sql] = kind
    return kind


def _parse(sql: str) -> str:
    first = sql.split(None, 1)[0].lower() if sql.strip() else OTHER
    if first == "with":
        return _main_verb(sql)
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
