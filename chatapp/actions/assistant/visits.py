"""Who acts in a session, and in which one: the only way from an id that a client presents to a session.

What does not exist, has expired or belongs to others is `session_not_found`, all alike.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from chatapp import clock
from chatapp.access import access_chat
from chatapp.actions.assistant.policy import policy
from chatapp.auth.actor import Actor
from chatapp.auth.session_ids import Given, session_ids
from chatapp.errors import Conflict, NotFound
from chatapp.ids import snowflake
from chatapp.ids.visitors import is_visitor, session_chat_id, visitor_id_of
from chatapp.infra.postgres import database_connection
from chatapp.queries import sessions as session_queries
from chatapp.queries.sessions import Session

_NAMESPACE = uuid.UUID("6d1f0c52-8f0e-5d1b-9f39-0d5f1f3f7c61")  # of the UUIDs of visitors


@dataclass(frozen=True, slots=True)
class Visit:
    """A session, and who acts in it.

    Attributes:
        actor: an account, or the visitor of a session without one.
        session: None if it was opened, and nothing is stored of it yet: so it is until the first message.
    """

    actor: Actor
    chat_id: int
    session: Session | None

    @property
    def session_id(self) -> str:
        """The public id of the session."""
        return session_ids().bare(self.chat_id)

    @property
    def signing_uuid(self) -> str | None:
        """The user that a signature names."""
        return None if is_visitor(self.actor.id) else self.actor.uuid

    def check_open(self) -> None:
        """Raises Conflict, `session_ended`, if the visitor has ended it."""
        if self.session is not None and self.session.ended_at is not None:
            raise Conflict("session_ended")


def visitor_of(chat_id: int) -> Actor:
    """The visitor of a session without an account."""
    user_id = visitor_id_of(chat_id)
    visitor_uuid = str(uuid.uuid5(_NAMESPACE, str(user_id)))
    return Actor(user_id, visitor_uuid, f"visitor-{visitor_uuid.replace('-', '')}")


def visit(text: str, actor: Actor | None, *, needs_signature: bool | None = None) -> Visit:
    """The session with an id, for a client that presents it.

    Parameters:
        text: the id, signed or bare.
        actor: the account that the request is authenticated as, if it is.
        needs_signature: None: as SESSION_STRICT says.

    Raises:
        Unauthorised: the signature is missing, wrong or expired.
        NotFound: `session_not_found`.
    """
    given = session_ids().read(text, needs_signature=needs_signature)
    with database_connection():
        session = session_queries.by_chat(given.chat_id) if given.chat_id else None
        if session is None:
            return _unstored(given)
        if session.is_expired:
            raise NotFound("session_not_found")
        return Visit(_actor_in(session, given, actor), session.chat_id, session)


def visit_again(before: Visit) -> Visit:
    """The same visit, with the session as it is now.

    Raises:
        NotFound: `session_not_found`: it was deleted.
    """
    with database_connection():
        session = session_queries.by_chat(before.chat_id)
    if session is None:
        raise NotFound("session_not_found")
    return Visit(before.actor, before.chat_id, session)


def visit_own(actor: Actor, chat_id: int) -> Visit:
    """A session of an actor who is known, such as the user of a socket.

    Raises:
        NotFound: `session_not_found`.
    """
    with database_connection():
        session = session_queries.by_chat(chat_id)
        if session is None and is_visitor(actor.id) and session_chat_id(actor.id) == chat_id:
            return _unstored(Given(chat_id, None, is_signed=True))
        if session is None or session.is_expired:
            raise NotFound("session_not_found")
        _check_member(actor, chat_id)
        return Visit(actor, chat_id, session)


def _unstored(given: Given) -> Visit:
    """A session of which nothing is stored: one without an account, whose id this service has made."""
    if not given.chat_id or given.user_uuid is not None:
        raise NotFound("session_not_found")
    if snowflake.moment_of(given.chat_id) + dt.timedelta(seconds=policy().ttl) <= clock.now():
        raise NotFound("session_not_found")
    return Visit(visitor_of(given.chat_id), given.chat_id, None)


def _actor_in(session: Session, given: Given, actor: Actor | None) -> Actor:
    if given.user_uuid is not None or not session.is_anonymous:
        # Signed for an account, or the session belongs to one: a signature alone does not authenticate it. One without
        # a user is from before the session was claimed.
        is_other = given.is_signed and actor is not None and given.user_uuid != actor.uuid
        if actor is None or is_other:
            raise NotFound("session_not_found")
        _check_member(actor, session.chat_id)
        return actor
    return visitor_of(session.chat_id)


def _check_member(actor: Actor, chat_id: int) -> None:
    try:
        access_chat(actor, chat_id)
    except NotFound:
        raise NotFound("session_not_found") from None
