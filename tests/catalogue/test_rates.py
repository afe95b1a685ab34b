"""Amounts in the shop's currency."""

from __future__ import annotations

from chatapp.catalogue.rates import Rates

RATES = Rates("EUR", {"RUB": 100.0})


def test_amounts() -> None:
    assert RATES.in_base(250, "RUB") == 2.5
    assert RATES.in_base(250, "EUR") == RATES.in_base(250, None) == 250
    assert RATES.in_base(250, "USD") is None
