"""Sending a message in a session, whether anything of it is stored yet or not."""

from __future__ import annotations

from chatapp.actions import sending
from chatapp.actions.assistant import sessions
from chatapp.actions.assistant.sessions import Place
from chatapp.actions.assistant.visits import Visit
from chatapp.actions.content import check_content, sanitize
from chatapp.events.snapshots import MessageSnapshot
from chatapp.infra.postgres import db
from chatapp.transaction import unit_of_work


def ask(
    visit: Visit,
    content: str,
    *,
    language: str | None,
    fallback_language: str,
    place: Place | None = None,
    idempotency_key: str | None = None,
    origin: str | None = None,
) -> MessageSnapshot:
    """Send a message. The assistant answers it, unless a human is responsible or the sender is one.

    Parameters:
        content: the text as the client sent it.
        language: of the text, as a tag; detected if not given.
        fallback_language: of a new session, if the text does not show it.
        place: the item whose page the visitor is on now.
        idempotency_key, origin: as in `sending.send_message`.

    Raises:
        Conflict: `session_ended`; `client_key_reused`.
        ChatError: as in `sending.send_message`.
    """
    visit.check_open()
    check_content(sanitize(content), "text", None)  # a refused message stores no session
    if visit.session is None:
        sessions.store(visit, language=language or fallback_language, place=place)
    elif place is not None and place != (visit.session.item_kind, visit.session.item_id):
        _move(visit, place)
    return sending.send_message(
        visit.actor,
        visit.chat_id,
        content,
        original_language=language,
        idempotency_key=idempotency_key,
        origin=origin,
    )


def _move(visit: Visit, place: Place) -> None:
    with unit_of_work():
        db.execute_sql(
            "UPDATE sessions SET item_kind = %s, item_id = %s WHERE chat_id = %s AND visitor_id = %s",
            (*place, visit.chat_id, visit.actor.id),
        )
