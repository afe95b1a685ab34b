"""A short run over few messages: all old months are dropped, and what is sent meanwhile arrives."""

from __future__ import annotations

import pytest

from bench.assistant.retention import retention


@pytest.mark.long
def test_months_are_dropped_beside_senders() -> None:
    (row,) = retention(months=3, messages=900, rounds=2, alone=0.2, judges_time=False)
    assert row["errors"] == 0
    assert row["sent_meanwhile"] > 0
    assert row["drop_s"] > 0
