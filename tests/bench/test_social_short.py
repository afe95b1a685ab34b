"""Short runs of the social benchmarks report no errors."""

from __future__ import annotations

from bench.environment import running_environment
from bench.social.paging import paging_under_load
from bench.social.replay import replayed_day


def test_paging_under_load_has_no_gap_and_no_duplicate() -> None:
    with running_environment() as running:
        row = paging_under_load(running, messages=400)
    assert row["errors"] == 0
    assert row["full_reads"] >= 4


def test_repeated_page_is_served_from_the_cache() -> None:
    with running_environment() as running:
        rows = replayed_day(running, visits=150)
    pages = next(row for row in rows if row["cache"] == "first_page")
    assert rows[-1]["errors"] == 0
    assert pages["hits"] > 0
    assert pages["hits"] + pages["misses"] == 150
