"""What an adapter knows about a question: the last messages, the wish so far, the items that were shown."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from chatapp.actions.assistant.adapters import answerer
from chatapp.actions.assistant.languages import language_of
from chatapp.actions.assistant.policy import policy
from chatapp.actions.assistant.turns import Claim
from chatapp.assistant.port import ItemRef, Line, Role, Turn
from chatapp.auth.session_ids import session_ids
from chatapp.infra.postgres import database_connection, db
from chatapp.infra.prepared_statements import Statement
from chatapp.queries import sessions as session_queries
from chatapp.queries.sessions import Session

LINES = 12  # messages
CHARACTERS = 6000  # of all of them; the newest are kept
LINE_CHARACTERS = 2000  # of one
MOST_SHOWN = 50  # items

_ROLES: dict[str, Role] = {"user": "visitor", "assistant": "assistant", "human": "human"}


class Context(NamedTuple):
    """A question and its session.

    Attributes:
        turn: for the adapter.
        version: of the chat, for signals.
        asked_at: when the question was stored, in seconds since 1970.
    """

    turn: Turn
    session: Session
    version: int


_LINES = Statement(f"""
SELECT extra, left(content, {LINE_CHARACTERS}), original_language FROM messages
WHERE retention = 1 AND chat_id = %(chat)s AND seq > %(after)s AND seq <= %(upto)s AND deleted_at IS NULL
    AND id BETWEEN (SELECT first_message_id FROM chats WHERE id = %(chat)s)
        AND (SELECT last_message_id FROM chats WHERE id = %(chat)s)
ORDER BY id DESC LIMIT {LINES}
""")


def load(claim: Claim) -> Context | None:
    """Read what a turn is about; None if its session was deleted."""
    with database_connection():
        session = session_queries.by_chat(claim.chat_id)
        if session is None:
            return None
        values = {"chat": claim.chat_id, "after": session.window_from_seq, "upto": claim.question_seq}
        rows: list[Any] = db.run(_LINES, values).fetchall()
    answers = [extra for extra, _, _ in rows if extra and extra.get("role") == "assistant"]
    asked = next(((text, named) for extra, text, named in rows if _role(extra) == "visitor"), ("", None))
    turn = Turn(
        id=claim.id,
        session_id=session_ids().bare(claim.chat_id),
        language=language_of(asked[0], asked[1], session.language),
        history=_history(rows),
        wish=next((extra["wish"] for extra in answers if "wish" in extra), None),
        shown=_shown(answers),
        place=None if session.item_kind is None else ItemRef(session.item_kind, int(session.item_id or 0)),
        deadline=time.monotonic() + policy().answer_time,
        catalogue=answerer().catalogue,
        attempt=claim.attempt,
    )
    return Context(turn, session, session.last_version)


def _role(extra: dict[str, Any] | None) -> Role:
    return _ROLES.get((extra or {}).get("role", "user"), "visitor")


def _history(rows: list[Any]) -> tuple[Line, ...]:
    """The newest lines that fit, oldest first."""
    left = CHARACTERS
    lines: list[Line] = []
    for extra, text, _ in rows:
        left -= len(text)
        if left < 0 and lines:
            break
        lines.append(Line(_role(extra), text))
    return tuple(reversed(lines))


def _shown(answers: list[dict[str, Any]]) -> tuple[ItemRef, ...]:
    """The items of answers, the latest first."""
    shown = [
        ItemRef(item["kind"], item["id"])
        for extra in answers
        for part in extra.get("parts", ())
        if part["type"] == "data-items"
        for item in part["data"]["items"]
    ]
    return tuple(dict.fromkeys(shown))[:MOST_SHOWN]
