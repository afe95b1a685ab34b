"""Which items a host's token can name."""

from __future__ import annotations

from typing import Any

import pytest

from chatapp.auth.item_claim import item_of
from chatapp.ids.snowflake import MAX_ID


def test_both_kinds_of_items() -> None:
    assert item_of({"sub": "7", "item": {"kind": "listing", "id": 12}}) == ("listing", 12)
    assert item_of({"item": {"kind": "storefront_product", "id": MAX_ID, "more": 1}}) == ("storefront_product", MAX_ID)


@pytest.mark.parametrize(
    "item",
    [
        None,
        "listing",
        [],
        {},
        {"kind": "listing"},
        {"kind": "listing", "id": "12"},
        {"kind": "listing", "id": True},
        {"kind": "listing", "id": 0},
        {"kind": "listing", "id": -1},
        {"kind": "listing", "id": MAX_ID + 1},
        {"kind": "listing", "id": 1.0},
        {"kind": "user", "id": 12},
        {"kind": ["listing"], "id": 12},
        {"kind": {}, "id": 12},
    ],
)
def test_invalid_claims_name_none(item: Any) -> None:
    assert item_of({"item": item}) is None


def test_a_token_without_the_claim() -> None:
    assert item_of({"sub": "7"}) is None
