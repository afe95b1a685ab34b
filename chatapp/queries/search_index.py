"""Looks tokens up in the search index: ids of messages, newest first.

Access is not checked here: these are candidates (`queries.search`).

- Partitions are read in windows, newest first: one, then two, four, eight … until enough is found. So a common word
  costs no more than a rare one.
- `message_id + 0` is in no order of the primary key, which the planner would otherwise walk backwards for a rare word.
- For users with few messages the index only finds what they may see, and the words are compared row by row: as a
  function, `ts_match_vq` is no condition of an index. So prefixes and negations of such a user cost nothing that
  depends on the messages of others.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from cachetools import TTLCache

from chatapp.auth.actor import Actor
from chatapp.infra.bound import Bound
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Batch, Statement
from chatapp.queries import fragments
from chatapp.search import marks

FEW = 2000  # messages: up to these, comparing all of them costs less than looking a common word up
LARGER_CHATS = 500  # of a user, the most recently made, that a search over all chats covers; each is a look-up
_PARTS_KEPT = 60.0  # seconds; partitions are made months ahead
_SIZE_KEPT, _SIZES = 600.0, 50_000  # seconds, and users whose number of messages is remembered
_BOUNDS = re.compile(r"FROM \((?:MINVALUE|'(\d+)')\) TO \('(\d+)'\)")
_NAME = re.compile(r"message_search_[a-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Part:
    """A partition of the index, for messages with ids from `low` to below `high`; the first has no lower bound."""

    name: str
    low: int
    high: int

    @property
    def is_first(self) -> bool:
        """Whether it is for everything before the first month."""
        return self.low == 0


@dataclass(frozen=True, slots=True)
class Scope:
    """Where to search.

    Attributes:
        access: tokens, at least one of which a message must have.
        is_small: whether it contains at most `FEW` messages.
    """

    access: tuple[str, ...]
    is_small: bool


@dataclass(frozen=True, slots=True)
class State:
    """The state of the index: the newest message in it, and the time until which it is complete."""

    newest_id: int
    indexed_until: dt.datetime


_PARTS = """
SELECT relname, pg_get_expr(relpartbound, oid) FROM pg_inherits JOIN pg_class ON oid = inhrelid
WHERE inhparent = 'message_search'::regclass
"""


def load_parts() -> list[Part]:
    """All partitions, newest first."""
    rows = db.execute_sql(_PARTS).fetchall()
    while any(bounds is None for _, bounds in rows):  # a rebuild has replaced a partition since the statement began
        rows = db.execute_sql(_PARTS).fetchall()
    found = []
    for name, bounds in rows:
        match = _BOUNDS.search(bounds)
        if match and _NAME.fullmatch(name):
            found.append(Part(name, int(match[1] or 0), int(match[2])))
    return sorted(found, key=lambda part: -part.low)


class _Known:
    """What changes rarely: partitions, and how many messages users have."""

    def __init__(self) -> None:
        self._parts: TTLCache[str, list[Part]] = TTLCache(1, _PARTS_KEPT)
        self._sizes: TTLCache[int, int] = TTLCache(_SIZES, _SIZE_KEPT)

    def parts(self) -> list[Part]:
        """All partitions, newest first."""
        found: list[Part] | None = self._parts.get("all")
        if found is None:
            found = self._parts["all"] = load_parts()
        return found

    def size(self, user_id: int) -> int:
        """The number of messages in all chats of a user."""
        size: int | None = self._sizes.get(user_id)
        if size is None:
            size = self._sizes[user_id] = int(db.run(_SIZE, {"user": user_id}).fetchone()[0])
        return size


known: Bound[_Known] = Bound("Partitions of the search index", lambda settings: _Known())

# OFFSET 0: chats are looked up, never scanned.
_SIZE = Statement("""
SELECT coalesce(sum(c.last_seq), 0)::bigint FROM chat_members m
CROSS JOIN LATERAL (SELECT last_seq FROM chats WHERE id = m.chat_id OFFSET 0) c WHERE m.user_id = %(user)s
""")
_LARGER = Statement(f"""
SELECT chat_id FROM chat_members m WHERE user_id = %(user)s AND {fragments.is_in_larger_chat("m")}
ORDER BY chat_id DESC LIMIT %(limit)s
""")


def scope_of_user(actor: Actor) -> Scope:
    """All chats of a user."""
    larger = [chat_id for (chat_id,) in db.run(_LARGER, {"user": actor.id, "limit": LARGER_CHATS}).fetchall()]
    return Scope((marks.of_member(actor.id), *map(marks.of_chat, larger)), known().size(actor.id) <= FEW)


def scope_of_chat(chat_id: int, messages: int) -> Scope:
    """One chat, of which the user is a member. `messages`: their number."""
    return Scope((marks.of_chat(chat_id),), messages <= FEW)


# With the largest id of each partition as a look-up in its key.
_STATE = Statement(
    "SELECT coalesce((SELECT max(message_id) FROM message_search), 0), indexed_until FROM search_progress"
)


def state() -> State:
    """The state of the index now."""
    return State(*db.run(_STATE).fetchone())


def newest(scope: Scope, words: str, *, low: int, high: int, limit: int) -> list[int]:
    """Ids of messages in a scope that have words, newest first, at most `limit`.

    Must not run within a transaction (`prepared_statements.BitmapStatement`).

    Parameters:
        words: a `tsquery`.
        low, high: bounds of the ids, both included.
    """
    access = " | ".join(f"'{token}'" for token in scope.access)
    values = {"access": access, "words": words, "both": f"({access}) & {words}"}
    found: list[int] = []
    parts = [part for part in known().parts() if part.low <= high and part.high > low]
    size = len(parts) if scope.is_small else 1
    while parts and len(found) < limit:
        window, parts = parts[:size], parts[size:]
        bounds = {"low": low, "high": high, "limit": limit - len(found)}
        rows = db.run(_look_up(tuple(part.name for part in window), scope.is_small), {**values, **bounds}).fetchall()
        found += [id for (id,) in rows]
        size *= 2
    return found


_INDEXED = "tokens @@ %(both)s::tsquery"
_COMPARED = "tokens @@ %(access)s::tsquery AND ts_match_vq(tokens, %(words)s::tsquery)"
_OF_PART = """(
    SELECT message_id FROM {part} WHERE {condition} AND message_id + 0 BETWEEN %(low)s AND %(high)s
    ORDER BY message_id + 0 DESC LIMIT %(limit)s
)"""
_prepared: dict[tuple[tuple[str, ...], bool], Batch] = {}


def _look_up(parts: tuple[str, ...], is_small: bool) -> Batch:
    """The statement for some partitions. A connection prepares it once; as it needs bitmaps, it enables them itself."""
    key = (parts, is_small)
    if key not in _prepared:
        condition = _COMPARED if is_small else _INDEXED
        union = " UNION ALL ".join(_OF_PART.format(part=part, condition=condition) for part in parts)
        sql = f"SELECT message_id FROM ({union}) found ORDER BY message_id DESC LIMIT %(limit)s"
        _prepared[key] = Batch("SET LOCAL enable_bitmapscan = on", Statement(sql))
    return _prepared[key]
