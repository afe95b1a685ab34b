"""Shops with questions about their items, in four languages.

A folder has a shop in one of two forms:

- `catalogue.json` (items), `truth.json` (what each of them is; only the judge reads it) and `questions….json`;
- `items.txt` and `questions….txt`, a line each, with ` |` between the fields. Their questions name the expected items.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RATES = {"USD": 1.08, "RUB": 100.0, "RSD": 117.0, "THB": 38.0}
RATES_SETTING = ",".join(f"{code}={rate:g}" for code, rate in RATES.items())
_KINDS = {"none": "none", "ask": "ask", "greet": "talk", "thanks": "talk", "human": "talk"}


@dataclass(frozen=True)
class Ware:
    """An item of a shop."""

    id: int
    title: str
    description: str
    price: float
    currency: str

    @property
    def euros(self) -> float:
        return self.price / RATES.get(self.currency, 1.0)


@dataclass(frozen=True)
class Question:
    """What a visitor says in some turns, and what the answer to the last one should be.

    Attributes:
        kind: cards, none, ask or talk.
        rule: cheapest, cheaper, another, compare, nth:N, or the kind of talk; None if there is none.
        want: attributes of the truth, with `max` and `min` of the price in euros; empty if `expected` says it all.
        expected: ids of items.
    """

    id: str
    language: str
    turns: tuple[str, ...]
    kind: str
    rule: str | None
    want: tuple[tuple[str, Any], ...]
    expected: frozenset[int]


@dataclass(frozen=True)
class Shop:
    """The items of a shop, and questions about them.

    Attributes:
        truth: what each item is, by its id; empty where the questions name the items.
        questions: by the name of their file.
    """

    name: str
    wares: dict[int, Ware]
    truth: dict[int, dict[str, Any]]
    questions: dict[str, list[Question]]


def load(folder: Path) -> Shop:
    """Read a folder.

    Raises:
        OSError: a file is missing.
        ValueError: a line does not have the fields that it should.
    """
    if (folder / "catalogue.json").exists():
        return Shop(
            folder.name,
            {entry["id"]: _ware(entry) for entry in _json(folder / "catalogue.json")},
            {entry["id"]: entry for entry in _json(folder / "truth.json")},
            {path.stem: list(map(_question, _json(path))) for path in sorted(folder.glob("questions*.json"))},
        )
    wares = [_ware_of_line(*fields) for fields in _lines(folder / "items.txt")]
    return Shop(
        folder.name,
        {ware.id: ware for ware in wares},
        {},
        {
            path.stem: [
                _question_of_line(f"{folder.name}-{number}", *fields) for number, fields in enumerate(_lines(path), 1)
            ]
            for path in sorted(folder.glob("questions*.txt"))
        },
    )


def _json(path: Path) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
    return entries


def _lines(path: Path) -> list[list[str]]:
    lines = path.read_text("utf-8").splitlines()
    return [[field.strip() for field in line.split(" |")] for line in lines if line and not line.startswith("#")]


def _ware(entry: dict[str, Any]) -> Ware:
    return Ware(*(entry[name] for name in ("id", "title", "description", "price", "currency")))


def _question(entry: dict[str, Any]) -> Question:
    return Question(
        entry["id"],
        entry["lang"],
        tuple(entry["turns"]),
        entry["kind"],
        entry["rule"],
        tuple(entry["want"].items()),
        frozenset(entry["expected"]),
    )


def _ware_of_line(item_id: str, title: str, description: str, price: str) -> Ware:
    amount, currency = price.split()
    return Ware(int(item_id), title, description, float(amount), currency)


def _question_of_line(name: str, language: str, turns: str, expectation: str, ids: str) -> Question:
    kind = _KINDS.get(expectation, "cards")
    rule = None if expectation in ("cards", "none", "ask") else expectation
    said = tuple(turn.strip() for turn in turns.split("//"))
    return Question(name, language, said, kind, rule, (), frozenset(map(int, ids.split())))
