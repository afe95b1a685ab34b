"""Pages of results while others write: no message twice, none left out."""

from __future__ import annotations

import pytest

from tests.flows.search.conftest import results
from tests.people import Person
from tests.searching import Indexer


@pytest.mark.parametrize("sort", ["relevance", "newest"])
def test_pages_while_others_write(alice: Person, bob: Person, indexer: Indexer, sort: str) -> None:
    texts = ["good book", "a book, good", "goods and books"]
    sent = [bob.sends(f"{texts[number % 3]} {number}", to=alice)["id"] for number in range(24)]
    indexer.run()
    found: list[int] = []
    cursor = ""
    while True:
        page = results(alice, "good book", sort=sort, limit=5, cursor=cursor)
        found += [result["message"]["id"] for result in page["results"]]
        # In each tier, also in those that the pages have not reached.
        for text in texts:
            bob.sends(text, to=alice)
        indexer.run()
        if not page["has_more"]:
            break
        cursor = page["next_cursor"]
    assert len(found) == len(set(found))
    assert set(found) == set(sent)
