"""What this process needs to understand wares and questions: the lexicon and the shop's currency."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from chatapp.catalogue import lexicon
from chatapp.catalogue.rates import Rates
from chatapp.catalogue.reader import Reader
from chatapp.errors import Misconfigured
from chatapp.infra.bound import Bound
from config import Settings


@dataclass(frozen=True, slots=True)
class Shop:
    """The lexicon and the currency.

    Attributes:
        version: of what the index contains; it changes with the lexicon and the rates.
    """

    reader: Reader
    rates: Rates

    @property
    def version(self) -> int:
        return zlib.crc32(f"{self.rates.currency} {sorted(self.rates.rates.items())}".encode(), self._lexicon) >> 1

    @property
    def _lexicon(self) -> int:
        return self.reader.lexicon.version


def _build(settings: Settings) -> Shop:
    try:
        words = lexicon.load(settings.assistant_lexicon)
    except lexicon.LexiconError as error:
        raise Misconfigured(f"ASSISTANT_LEXICON: {error}") from error
    return Shop(Reader(words), Rates(settings.assistant_currency, dict(settings.assistant_rates)))


shop: Bound[Shop] = Bound("Lexicon and currency of the shop", _build)
