"""Wares and questions in four languages, made of the phrases of the lexicon, always the same ones."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from chatapp.catalogue.lexicon import Lexicon, kind_of
from chatapp.catalogue.lexicon_file import LANGUAGES

_CURRENCIES = {"en": "EUR", "ru": "RUB", "sr": "RSD", "th": "THB"}
RATES = "RUB=100,RSD=117,THB=38"
_BOUNDS = {"en": "under", "ru": "до", "sr": "do", "th": "ไม่เกิน"}
_SYLLABLES = (
    "ba",
    "cor",
    "del",
    "fin",
    "gam",
    "hal",
    "jor",
    "kel",
    "lum",
    "mor",
    "nor",
    "pix",
    "riv",
    "son",
    "tre",
    "vol",
)
BRANDS = 300


class Wares:
    """Makes wares and questions."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._random = random.Random(7)
        self._lexicon = lexicon
        self._by_kind: dict[str, list[str]] = {}
        for concept in sorted(lexicon.names):
            self._by_kind.setdefault(kind_of(concept), []).append(concept)
        self._brands = ["".join(self._random.sample(_SYLLABLES, 3)).capitalize() for _ in range(BRANDS)]

    def rows(self, count: int) -> Iterator[dict[str, Any]]:
        """Rows of `items`."""
        for item_id in range(1, count + 1):
            language = self._random.choice(LANGUAGES)
            title = [self._phrase("cat", language), self._random.choice(self._brands), self._phrase("col", language)]
            described = [self._phrase(kind, language) for kind in ("mat", "f", "f", "f", "who", "cond")]
            yield {
                "kind": "listing",
                "id": item_id,
                "title": " ".join([*title, str(self._random.randint(1, 99))]),
                "description": ", ".join(described) + f", {self._random.randint(1, 99)} kg.",
                "price": self._random.randint(5, 5000),
                "currency": _CURRENCIES[language],
            }

    def question(self) -> str:
        """A category with some of a colour, a feature, a brand, a bound of the price and a slip."""
        language = self._random.choice(LANGUAGES)
        parts = [self._phrase("cat", language)]
        if self._chance():
            parts.append(self._phrase("col", language))
        if self._chance():
            parts.append(self._phrase("f", language))
        if self._chance(0.2):
            parts.append(self._random.choice(self._brands))
        if self._chance():
            parts.append(f"{_BOUNDS[language]} {self._random.randint(20, 2000)}")
        text = " ".join(parts)
        at = self._random.randrange(len(text))
        return text[:at] + text[at + 1 :] if self._chance(0.3) else text

    def _phrase(self, kind: str, language: str) -> str:
        return self._lexicon.name(self._random.choice(self._by_kind[kind]), language)

    def _chance(self, share: float = 0.5) -> bool:
        return self._random.random() < share
