"""Finds the items that meet a wish.

Every wish of a visitor is a condition. If nothing meets all of them, the items are taken that meet most, and it is said
that they only come near.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from chatapp.catalogue.conditions import NOTHING, Conditions, conditions_of, of_word
from chatapp.catalogue.spelling import SHORTEST, best, keys
from chatapp.catalogue.wish import Wish
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import BitmapStatement

MOST_COUNTED = 500  # items whose tokens are counted for a question back
_PEOPLE = "'who:men' | 'who:women' | 'who:kids' | 'who:baby' | 'who:adults'"
_ORDERS = {
    "": "item_id DESC, kind",
    "cheap": "base_price NULLS LAST, item_id",
    "dear": "base_price DESC NULLS LAST, item_id",
}

ItemKey = tuple[str, int]


@dataclass(frozen=True, slots=True)
class FoundItem:
    """An item as the host describes it now."""

    kind: str
    id: int
    title: str
    price: Decimal | None
    currency: str | None
    image_url: str | None
    url: str | None
    is_deleted: bool
    description: str
    base_price: float | None


@dataclass(frozen=True, slots=True)
class Result:
    """What was found.

    Attributes:
        items: the best ones.
        found: how many are as good as these.
        is_exact: whether they meet the wish; otherwise they come near.
        has_category: whether the shop has anything of the wished category.
    """

    items: tuple[FoundItem, ...]
    found: int
    is_exact: bool
    has_category: bool = True


_NONE = Result((), 0, False, False)

_COLUMNS = "i.kind, i.id, i.title, i.price, i.currency, i.image_url, i.url, i.is_deleted, left(i.description, 500)"
_SEARCH = f"""
WITH matching AS (
    SELECT kind, item_id, base_price, {{score}} AS score FROM item_search WHERE {{conditions}}
), best AS (
    SELECT *, count(*) OVER () AS found FROM matching WHERE score = (SELECT max(score) FROM matching)
    ORDER BY {{order}} LIMIT %(limit)s
)
SELECT {_COLUMNS}, b.base_price, b.score, b.found
FROM best b CROSS JOIN LATERAL (SELECT * FROM items WHERE kind = b.kind AND id = b.item_id OFFSET 0) i
ORDER BY {{order}}
"""


@dataclass(frozen=True, slots=True)
class _Query:
    """A search: what must fit, and what is counted."""

    required: tuple[str, ...]
    counted: tuple[str, ...]
    excluded: tuple[str, ...]
    low: float | None = None
    high: float | None = None
    counts_price: bool = False


class ItemWords:
    """The words of the items that there are: `catalogue.reading.Words`. Needs a connection."""

    def known(self, words: Sequence[str]) -> set[str]:
        """Those of the words that any item has."""
        rows = db.execute_sql("SELECT word FROM item_words WHERE word = ANY(%s)", (list(words),)).fetchall()
        return {str(word) for (word,) in rows}

    def similar(self, words: Sequence[str]) -> dict[str, str]:
        """For each word that may be a misspelling, the word of an item that is most like it."""
        found = {}
        by_word = {word: keys(word) for word in words if len(word) >= SHORTEST and word.isalpha()}
        if not by_word:
            return {}
        all_keys = sorted({key for each in by_word.values() for key in each})
        rows = db.run(_SIMILAR, {"keys": all_keys}).fetchall()
        for word, own in by_word.items():
            candidates = [candidate for candidate, theirs in rows if not set(own).isdisjoint(theirs)]
            if (meant := best(word, candidates)) is not None:
                found[word] = meant
        return found


_SIMILAR = BitmapStatement("SELECT word, keys FROM item_words WHERE keys && %(keys)s::text[] LIMIT 200")


def find(wish: Wish, *, limit: int, exclude: Sequence[ItemKey] = ()) -> Result:
    """The items that meet a wish. Must not run within a transaction (`BitmapStatement`).

    Parameters:
        exclude: items that were shown before.
    """
    conditions = conditions_of(wish, names=_names(wish.words), measures=_measures(wish))
    found = _find_exact(wish, conditions, limit, exclude)
    if found.items or not conditions.head:
        return found if found.items else _find_near(wish, conditions, limit, exclude)
    if not _exists(conditions.head):
        return _find_by_name(wish, conditions, limit, exclude)
    return replace(_find_near(wish, conditions, limit, exclude), has_category=True)


def _find_exact(wish: Wish, conditions: Conditions, limit: int, exclude: Sequence[ItemKey]) -> Result:
    required = tuple(text for text in (conditions.head, *conditions.hard) if text)
    who = (conditions.who,) if conditions.who else ()
    if not (required or who or wish.low is not None or wish.high is not None):
        required = (_any_of(conditions.soft),) if conditions.soft else (NOTHING,)
    query = _Query((*required, *who), conditions.soft, conditions.excluded, wish.low, wish.high)
    found = _run(query, wish.order, limit, exclude)
    if found.items or not (who and required) or _exists(f"({_all_of(required[:1])}) & ({_PEOPLE})"):
        return found
    return _run(replace(query, required=required), wish.order, limit, exclude)


def _find_near(wish: Wish, conditions: Conditions, limit: int, exclude: Sequence[ItemKey]) -> Result:
    """Those of the category that meet most wishes; without a category, at least one of them."""
    counted = tuple(text for text in (*conditions.hard, conditions.who) if text)
    required = (conditions.head,) if conditions.head else (_any_of(counted),) if counted else ()
    if not required:
        return _NONE
    query = _Query(required, counted, conditions.excluded, wish.low, wish.high, counts_price=True)
    return replace(_run(query, wish.order, limit, exclude), is_exact=False, has_category=bool(conditions.head))


def _find_by_name(wish: Wish, conditions: Conditions, limit: int, exclude: Sequence[ItemKey]) -> Result:
    """Where the shop has nothing of a category, its words may be part of a name."""
    if wish.head_words:
        named = replace(conditions, head=_all_of([of_word(word) for word in wish.head_words]))
        found = _find_exact(wish, named, limit, exclude)
        if found.items:
            return found
    return _NONE


def _all_of(texts: Sequence[str]) -> str:
    return " & ".join(f"({text})" for text in texts)


def _any_of(texts: Sequence[str]) -> str:
    return " | ".join(f"({text})" for text in texts)


def _run(query: _Query, order: str, limit: int, exclude: Sequence[ItemKey]) -> Result:
    values: dict[str, Any] = {"limit": limit, "required": _all_of(query.required), "low": query.low, "high": query.high}
    conditions = ["tokens @@ %(required)s::tsquery"] if query.required else []
    if query.excluded:
        conditions.append("NOT tokens @@ %(excluded)s::tsquery")
        values["excluded"] = _any_of(query.excluded)
    prices = [
        text
        for text, bound in (("base_price >= %(low)s", query.low), ("base_price <= %(high)s", query.high))
        if bound is not None
    ]
    if prices and not query.counts_price:
        conditions += prices
    if exclude:
        conditions.append("(kind, item_id) NOT IN (SELECT * FROM unnest(%(kinds)s::text[], %(ids)s::bigint[]))")
        values |= {"kinds": [kind for kind, _ in exclude], "ids": [item_id for _, item_id in exclude]}
    score = [f"(tokens @@ %(counted{index})s::tsquery)::int" for index in range(len(query.counted))]
    values |= {f"counted{index}": text for index, text in enumerate(query.counted)}
    if prices and query.counts_price:
        score.append(f"coalesce(({' AND '.join(prices)})::int, 0)")
    sql = _SEARCH.format(
        score=" + ".join(score) or "0", conditions=" AND ".join(conditions) or "true", order=_ORDERS[order]
    )
    rows = db.run(_statement(sql), values).fetchall()
    items = tuple(FoundItem(*row[:10]) for row in rows)
    return Result(items, int(rows[0][11]) if rows else 0, is_exact=True)


_statements: dict[str, BitmapStatement] = {}
_MOST_STATEMENTS = 300  # texts differ in the number of conditions


def _statement(sql: str) -> BitmapStatement:
    if sql not in _statements:
        if len(_statements) >= _MOST_STATEMENTS:
            _statements.clear()
        _statements[sql] = BitmapStatement(sql)
    return _statements[sql]


def _exists(tokens: str) -> bool:
    statement = _statement("SELECT EXISTS (SELECT FROM item_search WHERE tokens @@ %(tokens)s::tsquery)")
    return bool(db.run(statement, {"tokens": tokens}).fetchone()[0])


def _names(words: Sequence[str]) -> set[str]:
    """Those of the words that are in the title of an item."""
    if not words:
        return set()
    rows = db.execute_sql("SELECT word FROM item_words WHERE word = ANY(%s) AND is_name", (list(words),)).fetchall()
    return {str(word) for (word,) in rows}


def _measures(wish: Wish) -> list[str]:
    """The measures of items in the units of a wish that has bounds."""
    units = sorted({measure.unit for measure in wish.measures if measure.low != measure.high})
    found: list[str] = []
    for unit in units:
        rows = db.execute_sql(
            "SELECT word FROM item_words WHERE word >= %s AND word < %s LIMIT 1000", (f"m:{unit}:", f"m:{unit};")
        ).fetchall()
        found += [str(word) for (word,) in rows]
    return found


_GET = f"""
SELECT {_COLUMNS}, s.base_price FROM items i LEFT JOIN item_search s ON s.kind = i.kind AND s.item_id = i.id WHERE
"""


def get(keys: Sequence[ItemKey]) -> list[FoundItem]:
    """The items with these keys, in their order; unknown ones are left out, deleted ones are marked."""
    if not keys:
        return []
    chosen = " OR ".join(["(i.kind = %s AND i.id = %s)"] * len(keys))
    rows = db.execute_sql(_GET + chosen, tuple(value for key in keys for value in key)).fetchall()
    found = {(row[0], int(row[1])): FoundItem(*row) for row in rows}
    return [found[key] for key in keys if key in found]


_COUNT = """
SELECT token, count(*) FROM (SELECT tokens FROM item_search WHERE {condition} LIMIT %(most)s) chosen,
    unnest(tsvector_to_array(tokens)) token
WHERE token LIKE ANY(%(kinds)s) GROUP BY token ORDER BY count(*) DESC, token LIMIT 200
"""


def count_concepts(wish: Wish, kinds: Sequence[str]) -> dict[str, int]:
    """How many items of a wish have each concept of some kinds, among a bounded number of them.

    Parameters:
        kinds: such as `cat`.
    """
    head = conditions_of(wish).head
    statement = _statement(_COUNT.format(condition="tokens @@ %(head)s::tsquery" if head else "true"))
    values = {
        "head": head,
        "most": MOST_COUNTED if head else 20 * MOST_COUNTED,
        "kinds": [f"{kind}:%" for kind in kinds],
    }
    return {str(token): int(count) for token, count in db.run(statement, values).fetchall()}
