"""The index of items follows the items, in their transactions."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chatapp.actions import item_index, items
from chatapp.queries.shop import shop
from chatapp.transaction import unit_of_work
from tests.database import Database
from tests.host import Host

FIRST = ("", 0)


def put(item_id: int = 1, title: str = "Grey sofa Kestrel", **fields: Any) -> None:
    items.put_item("listing", item_id, {"title": title, **fields})


def indexed(core: Database) -> list[tuple[Any, ...]]:
    return core.rows("SELECT item_id, base_price, made_by FROM item_search ORDER BY item_id")


def finds(core: Database, tokens: str) -> list[int]:
    rows = core.rows("SELECT item_id FROM item_search WHERE tokens @@ %s::tsquery ORDER BY item_id", tokens)
    return [item_id for (item_id,) in rows]


def test_an_item_is_indexed_with_it(core: Database) -> None:
    put(description="Velvet.", category="Sofas", attributes={"seats": 3.0}, price=200, currency="EUR")
    assert indexed(core) == [(1, 200.0, shop().version)]
    assert finds(core, "'cat:sofa' & 'col:grey' & 'mat:velvet' & 'n:3' & 'kestrel'") == [1]


def test_a_changed_item_is_indexed_again(core: Database) -> None:
    put()
    put(title="Red lamp")
    assert finds(core, "'cat:sofa'") == []
    assert finds(core, "'cat:lamp'") == [1]


@pytest.mark.parametrize("currency", ["XXX", None])
def test_a_price_without_a_rate(core: Database, currency: str | None) -> None:
    put(price=200, currency=currency)
    assert [price for _, price, _ in indexed(core)] == [None if currency else 200.0]


def test_what_is_not_offered_is_not_indexed(core: Database) -> None:
    put()
    put(is_available=False)
    assert indexed(core) == []
    put()
    items.delete_item("listing", 1)
    assert indexed(core) == []


def test_words_of_items_are_kept_with_what_misspelt_ones_share(core: Database) -> None:
    put(description="Shimano, 16 GB")
    rows = {
        word: (set(keys), is_name) for word, keys, is_name in core.rows("SELECT word, keys, is_name FROM item_words")
    }
    assert rows["kestrel"] == ({"kestrel", "estrel", "kstrel", "ketrel", "kesrel", "kestel", "kestrl", "kestre"}, True)
    assert rows["shimano"][1] is False
    assert rows["m:gb:16"] == (set(), False)
    assert "sofa" not in rows, "the lexicon knows it"
    put(title="Lamp Shimano")
    assert core.rows("SELECT is_name FROM item_words WHERE word = 'shimano'") == [(True,)]


def test_a_known_word_is_written_once_a_day(core: Database) -> None:
    put()
    (before,) = core.rows("SELECT xmin::text FROM item_words WHERE word = 'kestrel'")
    put(item_id=2)
    assert core.rows("SELECT xmin::text FROM item_words WHERE word = 'kestrel'") == [before]
    core.change("UPDATE item_words SET used_on = current_date - 1")
    put(item_id=3)
    assert core.rows("SELECT DISTINCT used_on FROM item_words WHERE word = 'kestrel'") == [(_today(core),)]


def _today(core: Database) -> dt.date:
    ((today,),) = core.rows("SELECT current_date")
    assert isinstance(today, dt.date)
    return today


def test_stale_items_are_indexed_in_batches(core: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(item_index, "BATCH", 2)
    for item_id in (1, 2, 3):
        put(item_id=item_id)
    core.change("UPDATE item_search SET made_by = 0 WHERE item_id = 1")
    core.change("DELETE FROM item_search WHERE item_id = 2")
    core.change("UPDATE items SET title = 'Lamp', updated_at = now() WHERE id = 3")
    count, position = item_index.write_stale(FIRST)
    assert (count, position) == (2, ("listing", 2))
    assert item_index.write_stale(("listing", 2)) == (1, ("listing", 3))
    assert item_index.write_stale(("listing", 3)) == (0, None)
    assert finds(core, "'cat:lamp'") == [3]
    assert item_index.write_stale(FIRST) == (0, None)


def test_an_item_that_is_being_changed_is_left_to_the_change(core: Database) -> None:
    put()
    core.change("DELETE FROM item_search")
    with core.holding("SELECT 1 FROM items FOR UPDATE"):
        assert item_index.write_stale(FIRST)[0] == 0
    assert item_index.write_stale(FIRST)[0] == 1


def test_what_another_release_deleted_leaves_the_index(core: Database) -> None:
    put()
    core.change("UPDATE items SET is_deleted = true")
    assert item_index.write_stale(FIRST)[0] == 1
    assert indexed(core) == []


def test_words_that_no_item_has_are_swept(core: Database) -> None:
    put()
    put(item_id=2, title="Lamp Pixelon")
    put(item_id=2, title="Lamp")
    assert item_index.sweep_words() == 0, "a transaction may still add an item with a word of today"
    core.change("UPDATE item_words SET used_on = current_date - 2")
    assert item_index.sweep_words() == 1
    assert core.rows("SELECT word FROM item_words") == [("kestrel",)]


def test_a_failed_put_leaves_no_trace(core: Database) -> None:
    with pytest.raises(ZeroDivisionError), unit_of_work():
        put()
        raise ZeroDivisionError
    assert indexed(core) == core.rows("SELECT 1 FROM item_words") == []


def test_many_at_once_do_not_deadlock(host: Host) -> None:
    words = [f"word{letter}x" for letter in "abcdefghijklmnop"]

    def lists(number: int) -> None:
        host.lists(" ".join(words[number % 16 :] + words[: number % 16]) + f" only{number:03}")

    with ThreadPoolExecutor(8) as pool:
        assert len(list(pool.map(lists, range(64)))) == 64
