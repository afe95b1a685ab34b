"""Two checkouts are measured side by side."""

from __future__ import annotations

import pytest

from bench import storing
from bench.environment import ROOT


def test_each_checkout_has_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storing, "WARM_UP", 2)
    monkeypatch.setattr(storing, "MESSAGES", 5)
    rows = storing.storing([ROOT])
    assert [row["checkout"] for row in rows] == [ROOT.name] * 2
    for row in rows:
        for name in ("postgres", "client"):
            assert 0 < row[f"{name}_us_p25"] <= row[f"{name}_us_p50"]
