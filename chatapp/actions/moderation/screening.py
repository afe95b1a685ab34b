"""What the filters decide about a text that a user sends: refused, held back, changed, or reported afterwards."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from chatapp.access import is_shadow_banned
from chatapp.actions.idempotency_keys import is_used
from chatapp.actions.moderation import reporting
from chatapp.actions.moderation.filters import content_filter
from chatapp.auth.actor import Actor
from chatapp.errors import ChatError, Conflict, Forbidden, Invalid, Reason
from chatapp.infra.postgres import database_connection, db
from chatapp.text.content_rules import Screening
from chatapp.transaction import unit_of_work

log = logging.getLogger(__name__)

MAX_HELD = 100  # texts of one user that wait for a moderator; each has up to 10,000 characters


def screen(
    actor: Actor,
    content: str,
    key: str | None,
    *,
    held: Callable[[], Mapping[str, Any]] | None,
    check: Callable[[], object],
) -> Screening:
    """Ask the filters about a text, before it is stored.

    Parameters:
        key: idempotency key of the write. One that was stored before is not refused now: it is only returned again.
        held: how the text is to be written if moderators release it; JSON-ready (`releasing`). None if it cannot be
            held: then it is refused.
        check: raises if the text would be refused for another reason. Called before it is held.

    Raises:
        Invalid: `content_rejected`.
        Forbidden: `content_held`: moderators decide whether it is sent.
        Conflict: `too_many_held`: `MAX_HELD` texts of the user wait already.
    """
    screening = content_filter().screen(content)
    if (screening.is_rejected or screening.is_held) and not _is_stored(actor, key):
        if screening.is_rejected or held is None:
            raise Invalid({"content": [Reason("content_rejected")]}, "content_rejected")
        with database_connection():
            check()
        _hold(actor, screening, key, held())
        raise Forbidden("content_held")
    return screening


def report_if_found(actor: Actor, screening: Screening, message_id: int) -> None:
    """Report a message that is stored now, if the filters say so. The message stays sent even if this fails."""
    if not screening.is_reported or is_shadow_banned(actor.id):
        return
    try:
        reporting.report_by_filter(actor, message_id, screening.matched)
    except ChatError as error:
        log.error("message of the filters not reported", extra={"message_id": message_id, "reason": error.code})


def _is_stored(actor: Actor, key: str | None) -> bool:
    if key is None:
        return False
    with database_connection():
        return is_used(actor, key)


_HOLD = """
INSERT INTO reports (source, author_id, chat_id, reason, text, evidence, people, held_key)
VALUES ('held', %(author)s, %(chat)s, 'filter', %(matched)s, %(held)s::jsonb, %(people)s, %(key)s)
ON CONFLICT (author_id, held_key) WHERE held_key IS NOT NULL DO NOTHING
"""


def _hold(actor: Actor, screening: Screening, key: str | None, held: Mapping[str, Any]) -> None:
    """Store how a text is to be written, for moderators; a repetition under its key is stored once."""
    key = key or f"held:{uuid.uuid4().hex}"
    values = {
        "author": actor.id,
        "chat": held.get("chat_id") or None,
        "matched": screening.matched,
        "held": orjson.dumps({**held, "idempotency_key": key}).decode(),
        "people": [actor.id],
        "key": key,
    }
    with unit_of_work():
        row = db.execute_sql(
            "SELECT count(*) FROM reports WHERE author_id = %s AND held_key IS NOT NULL AND state <> 'decided'",
            (actor.id,),
        ).fetchone()
        if row[0] >= MAX_HELD:
            raise Conflict("too_many_held")
        db.execute_sql(_HOLD, values)
