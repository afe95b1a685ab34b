"""Writes the index of items, in the transaction that changes them.

The words of several items are written in one statement and in order, so that transactions cannot wait for each other
in a circle. Items are locked before: by the action that changes them, or by `write_stale`, which skips those that are
locked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chatapp.catalogue.item_tokens import ItemText, ItemTokens, tokens_of_item
from chatapp.infra.postgres import db
from chatapp.models import Item
from chatapp.queries.shop import Shop, shop
from chatapp.search.tokens import quoted
from chatapp.transaction import unit_of_work

BATCH = 100  # items of one transaction of a rebuild: some 50 ms
_LONGEST_CORRECTED = 32  # letters, as in `catalogue.spelling`

_WRITE = """
INSERT INTO item_search (kind, item_id, base_price, tokens, made_by, item_updated_at)
VALUES (%s, %s, %s, %s::tsvector, %s, %s)
ON CONFLICT (kind, item_id) DO UPDATE SET base_price = excluded.base_price, tokens = excluded.tokens,
    made_by = excluded.made_by, item_updated_at = excluded.item_updated_at
"""
# A word that is known is written at most once a day.
_WRITE_WORDS = f"""
INSERT INTO item_words (word, keys, is_name, used_on)
SELECT word, CASE WHEN length(word) BETWEEN 4 AND {_LONGEST_CORRECTED} AND word !~ '[0-9:]' THEN ARRAY(
    SELECT DISTINCT left(word, n - 1) || substr(word, n + 1) FROM generate_series(1, length(word) + 1) n
) ELSE '{{}}' END, is_name, current_date
FROM unnest(%s::text[], %s::boolean[]) AS words (word, is_name)
ON CONFLICT (word) DO UPDATE SET is_name = item_words.is_name OR excluded.is_name, used_on = excluded.used_on
WHERE item_words.used_on < excluded.used_on OR excluded.is_name > item_words.is_name
"""


def load_lexicon() -> None:
    """Read the lexicon, which takes long the first time: before a transaction, whose locks would be held meanwhile."""
    _ = shop().reader


def write(items: Sequence[Item]) -> None:
    """Index items, or remove those from the index that are not offered.

    Needs a transaction that has locked them, and the lexicon to be loaded.
    """
    found = shop()
    tokens = [_write_item(item, found) for item in items if item.is_available and not item.is_deleted]
    _write_words(tokens)
    for item in items:
        if item.is_deleted or not item.is_available:
            remove(item.kind, item.id)


def remove(kind: str, item_id: int) -> None:
    """Remove an item from the index."""
    db.execute_sql("DELETE FROM item_search WHERE kind = %s AND item_id = %s", (kind, item_id))


_REMOVE_OF_SELLER = """
DELETE FROM item_search s USING items i WHERE s.kind = i.kind AND s.item_id = i.id AND i.seller_id = %s
RETURNING tsvector_to_array(tokens)
"""
_REMOVE_WORDS = """
DELETE FROM item_words USING unnest(%s::text[], %s::text[]) AS removed (word, query)
WHERE item_words.word = removed.word
    AND NOT EXISTS (SELECT FROM item_search WHERE tokens @@ removed.query::tsquery)
"""


def remove_of_seller(user_id: int) -> None:
    """Remove the items of a seller from the index, and at once the words that no other item has.

    Needs a transaction, whose later statements are planned with bitmaps.
    """
    words = sorted({word for (tokens,) in db.execute_sql(_REMOVE_OF_SELLER, (user_id,)).fetchall() for word in tokens})
    if words:
        db.execute_sql("SET LOCAL enable_bitmapscan = on")
        db.execute_sql(_REMOVE_WORDS, (words, list(map(quoted, words))))


def _write_item(item: Item, found: Shop) -> ItemTokens:
    tokens = tokens_of_item(ItemText(item.title, item.description, item.category, item.attributes), found.reader)
    price = None if item.price is None else found.rates.in_base(float(item.price), item.currency)
    db.execute_sql(_WRITE, (item.kind, item.id, price, tokens.vector, found.version, item.updated_at))
    return tokens


def _write_words(tokens: Iterable[ItemTokens]) -> None:
    names: dict[str, bool] = {}
    for each in tokens:
        for word in each.words:
            names[word] = names.get(word, False) or word in each.names
        names |= {lexeme: False for lexeme in each.lexemes if lexeme.startswith("m:")}
    if names:
        words = sorted(names)
        db.execute_sql(_WRITE_WORDS, (words, [names[word] for word in words]))


# Offered items whose row is missing, older than they are, or of another version.
_STALE = """
SELECT i.kind, i.id FROM items i LEFT JOIN item_search s ON s.kind = i.kind AND s.item_id = i.id
WHERE (i.kind, i.id) > (%(kind)s, %(id)s) AND (
    CASE WHEN i.is_available AND NOT i.is_deleted
    THEN s.made_by IS DISTINCT FROM %(version)s OR s.item_updated_at <> i.updated_at ELSE s.kind IS NOT NULL END)
ORDER BY i.kind, i.id LIMIT %(limit)s
"""


def write_stale(after: tuple[str, int]) -> tuple[int, tuple[str, int] | None]:
    """Index the next items that another release, lexicon or rate has indexed, or nothing has.

    Returns how many were written, and the last one that was looked at; None at the end.
    """
    load_lexicon()
    with unit_of_work():
        values = {"kind": after[0], "id": after[1], "version": shop().version, "limit": BATCH}
        keys = [(str(kind), int(item_id)) for kind, item_id in db.execute_sql(_STALE, values).fetchall()]
        if not keys:
            return 0, None
        chosen = " OR ".join(["(kind = %s AND id = %s)"] * len(keys))
        locked = Item.raw(
            f"SELECT * FROM items WHERE {chosen} ORDER BY kind, id FOR NO KEY UPDATE SKIP LOCKED",
            *(value for key in keys for value in key),
        )
        items: list[Item] = list(locked)
        write(items)
        return len(items), keys[-1]


# Not of today and yesterday: a transaction that began before may still add an item with a word that it found there.
_SWEEP = """
DELETE FROM item_words WHERE used_on < current_date - 1 AND word NOT IN (
    SELECT word FROM ts_stat('SELECT tokens FROM item_search'))
"""


def sweep_words() -> int:
    """Delete the words that no item has any more; returns their number."""
    with unit_of_work():
        return int(db.execute_sql(_SWEEP).rowcount)
