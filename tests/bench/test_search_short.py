"""A short run on few messages: every kind of query is answered, and the indexer catches up beside senders."""

from __future__ import annotations

import pytest

from bench.search import freshness, rows, scenario, senders


@pytest.mark.long
def test_every_kind_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "CHATS", 200)
    monkeypatch.setattr(senders, "SOCKETS", 4)
    monkeypatch.setattr(freshness, "SOCKETS", 4)
    monkeypatch.setattr(freshness, "SECONDS", 1.0)
    measured = scenario.search(3000, queries=3, rounds=1, seconds=0.5, rate=20, judges_time=False)
    assert [row["errors"] for row in measured] == [0] * len(measured), measured
    assert len(measured) == 1 + 3 * 9 + 2
    assert sum(row.get("with_results", 0) for row in measured) > 0
