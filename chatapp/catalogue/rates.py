"""Prices in the shop's currency."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_CODE = re.compile("[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Rates:
    """How much of other currencies one unit of the shop's currency is.

    Attributes:
        currency: of the shop; prices without a currency are in it.
        rates: by currency, without the shop's.
    """

    currency: str
    rates: Mapping[str, float] = field(default_factory=dict)

    def in_base(self, amount: float, currency: str | None) -> float | None:
        """An amount in the shop's currency; None if the rate is unknown."""
        if currency is None or currency == self.currency:
            return amount
        rate = self.rates.get(currency)
        return None if rate is None else amount / rate
