"""The loads of the social dialect in short: nothing that they check may go wrong, however fast it is."""

from __future__ import annotations

from bench.environment import stage
from bench.social.paging import paging_under_fire
from bench.social.replay import replayed_day


def test_pages_have_no_hole_and_no_duplicate_under_fire() -> None:
    with stage() as running:
        row = paging_under_fire(running, messages=400)
    assert row["wrong"] == 0
    assert row["walks"] >= 4


def test_a_page_that_was_read_before_comes_out_of_the_cache() -> None:
    with stage() as running:
        rows = replayed_day(running, visits=150)
    pages = next(row for row in rows if row["cache"] == "first_page")
    assert rows[-1]["wrong"] == 0
    assert pages["hits"] > 0
    assert pages["hits"] + pages["misses"] == 150
