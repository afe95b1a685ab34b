"""Keys of pairs are made as the schema makes them, and read back."""

from __future__ import annotations

import pytest

from chatapp.ids.pair_key import members_of, pair_key
from tests.database import Database

KEYS = [
    ("direct", None, 9, 7, "direct:7:9"),
    ("listing", 42, 7, 9, "listing:42:7:9"),
    ("storefront_product", 2**53, 10, 9, "storefront_product:9007199254740992:9:10"),
]


@pytest.mark.parametrize(("kind", "item_id", "one", "other", "key"), KEYS)
def test_a_key_names_both_members(kind: str, item_id: int | None, one: int, other: int, key: str) -> None:
    assert pair_key(kind, item_id, one, other) == pair_key(kind, item_id, other, one) == key
    assert members_of(key) == (min(one, other), max(one, other))


def test_a_larger_chat_has_no_key() -> None:
    assert members_of(None) == ()


@pytest.mark.parametrize(("kind", "item_id", "one", "other", "key"), KEYS)
def test_the_schema_makes_the_same(
    core: Database, kind: str, item_id: int | None, one: int, other: int, key: str
) -> None:
    assert core.rows("SELECT pair_key(%s, %s, %s, %s)", kind, item_id, one, other) == [(key,)]
