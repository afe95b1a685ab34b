"""What messages show from other rows: the messages that they answer, and people. One statement reads all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from chatapp.access import hides_blocked, is_hidden_by
from chatapp.events.snapshots import Person, Quote
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Statement
from chatapp.queries import fragments
from chatapp.queries.previews import preview
from chatapp.queries.rows import person_list

_QUOTED = 2000  # characters read of a quoted text: its preview has 500, and tags of HTML do not count


@dataclass(frozen=True, slots=True)
class Wanted:
    """Ids of what the messages of a page refer to."""

    quotes: set[int] = field(default_factory=set)
    people: set[int] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.quotes or self.people)


@dataclass(frozen=True, slots=True)
class Parts:
    """What messages refer to, by id. What does not exist, or is hidden from the viewer, is left out."""

    quotes: Mapping[int, Quote] = field(default_factory=dict)
    people: Mapping[int, Person] = field(default_factory=dict)


# The values of a `Quote` but its id, of a message `q`.
_QUOTE = f"""json_build_array(q.sender_id, (SELECT uuid FROM users WHERE id = q.sender_id), q.message_type,
    left(q.content, {_QUOTED}), q.deleted_at IS NOT NULL)::text"""


def _is_hidden(viewer: str) -> str:
    """Whether a message `q` is hidden from a viewer: by the viewer, by a block, or by joining later.

    Parameters:
        viewer: SQL of the viewer's id; where it is NULL, nothing is hidden.
    """
    # OFFSET 0: all are looked up.
    return f"""({is_hidden_by(viewer, "q.id")}
        OR %(hides_blocked)s AND (SELECT pair_key IS NULL FROM chats WHERE id = q.chat_id)
        AND EXISTS (SELECT FROM blocks WHERE blocker_id = {viewer} AND blocked_id = q.sender_id OFFSET 0)
        OR EXISTS (
            SELECT FROM chat_members WHERE user_id = {viewer} AND chat_id = q.chat_id AND joined_seq >= q.seq OFFSET 0
        ))"""


# One branch for each kind of part: its name, an id, and a list in JSON. A branch without ids reads nothing. Rows are
# looked up in subqueries, so no table is scanned.
_PARTS = Statement(f"""
SELECT 'quote', q.id, {_QUOTE} FROM messages q
WHERE q.retention IN (0, 1) AND q.id = ANY(%(quotes)s::bigint[]) AND q.id BETWEEN %(first_quote)s AND %(last_quote)s
    AND NOT {_is_hidden("%(viewer)s")}
UNION ALL
SELECT 'person', u.id, json_build_array({person_list("u")})::text FROM users u WHERE u.id = ANY(%(people)s::bigint[])
""")


def load(wanted: Wanted, viewer_id: int | None) -> Parts:
    """Read what messages refer to; without a query if they refer to nothing.

    Parameters:
        viewer_id: the user who sees the messages; None for what all members may see.
    """
    if not wanted:
        return Parts()
    values = {
        "quotes": list(wanted.quotes),
        "first_quote": min(wanted.quotes, default=1),
        "last_quote": max(wanted.quotes, default=0),
        "hides_blocked": hides_blocked(),
        "viewer": viewer_id,
        "people": list(wanted.people),
    }
    quotes: dict[int, Quote] = {}
    people: dict[int, Person] = {}
    for kind, id, text in db.run(_PARTS, values).fetchall():
        if kind == "quote":
            quotes[id] = _quote(id, text)
        else:
            people[id] = Person(*orjson.loads(text))
    return Parts(quotes, people)


def _quote(id: int, text: str) -> Quote:
    sender_id, sender_uuid, message_type, content, is_deleted = orjson.loads(text)
    return Quote(id, sender_id, sender_uuid, message_type, preview(content), is_deleted)


@dataclass(frozen=True, slots=True)
class Answer:
    """A message to be sent that answers another.

    Attributes:
        index: of the draft in its batch.
        message_id: the message that it answers.
    """

    index: int
    sender_id: int
    chat_id: int
    message_id: int


_QUOTABLE = Statement(f"""
SELECT w.draft, q.id, {_QUOTE}
FROM unnest(%(drafts)s::bigint[], %(senders)s::bigint[], %(chats)s::bigint[], %(ids)s::bigint[])
    AS w (draft, sender_id, chat_id, id)
CROSS JOIN LATERAL (SELECT * FROM chat_members WHERE user_id = w.sender_id AND chat_id = w.chat_id OFFSET 0) m
CROSS JOIN LATERAL (
    SELECT * FROM messages WHERE retention IN (0, 1) AND id = w.id AND id BETWEEN %(first)s AND %(last)s
        AND chat_id = w.chat_id AND seq > {fragments.visible_floor("m")} OFFSET 0
) q
WHERE NOT {_is_hidden("w.sender_id")}
""")


def quotable(answers: Sequence[Answer]) -> dict[int, Quote]:
    """The messages that are answered, by the index of the draft: those of the same chat that the sender sees."""
    if not answers:
        return {}
    ids = [answer.message_id for answer in answers]
    values = {
        "drafts": [answer.index for answer in answers],
        "senders": [answer.sender_id for answer in answers],
        "chats": [answer.chat_id for answer in answers],
        "ids": ids,
        "first": min(ids),
        "last": max(ids),
        "hides_blocked": hides_blocked(),
    }
    return {index: _quote(id, text) for index, id, text in db.run(_QUOTABLE, values).fetchall()}
