"""What this process needs to understand wares and questions: the lexicon and the shop's currency."""

from __future__ import annotations

import zlib

import gevent
from gevent.lock import RLock

from chatapp.catalogue import lexicon
from chatapp.catalogue.rates import Rates
from chatapp.catalogue.reader import Reader
from chatapp.errors import Misconfigured
from chatapp.infra.bound import Bound
from config import Settings


class Shop:
    """The lexicon and the currency.

    Parameters:
        own_lexicon: path of the operator's file; empty if there is none.
    """

    def __init__(self, own_lexicon: str, rates: Rates) -> None:
        self.rates = rates
        self._own_lexicon = own_lexicon
        self._reader: Reader | None = None
        self._lock = RLock()

    @property
    def reader(self) -> Reader:
        """Understands texts. The first use reads the lexicon, which most processes never need: half a second of CPU
        time, in a thread, so that the event loop goes on meanwhile.

        Raises:
            LexiconError: the lexicon cannot be read.
        """
        if self._reader is None:
            with self._lock:
                if self._reader is None:
                    self._reader = Reader(gevent.get_hub().threadpool.apply(lexicon.load, (self._own_lexicon,)))
        return self._reader

    @property
    def version(self) -> int:
        """Of what the index contains; it changes with the lexicon and the rates."""
        rates = f"{self.rates.currency} {sorted(self.rates.rates.items())}"
        return zlib.crc32(rates.encode(), self.reader.lexicon.version) >> 1


def _build(settings: Settings) -> Shop:
    shop = Shop(settings.assistant_lexicon, Rates(settings.assistant_currency, dict(settings.assistant_rates)))
    if settings.assistant_lexicon:
        try:
            _ = shop.reader  # the operator's mistakes end the start
        except lexicon.LexiconError as error:
            raise Misconfigured(f"ASSISTANT_LEXICON: {error}") from error
    return shop


shop: Bound[Shop] = Bound("Lexicon and currency of the shop", _build)
