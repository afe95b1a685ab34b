"""Requesting the erasure of a user.

The first transaction removes what names the user, ends all access and hides the user's files, so nothing that follows
is urgent. The steps after it begin in the same request, and end there unless there is much to erase; then `worker`
continues.
"""

from __future__ import annotations

import logging
import secrets
from time import monotonic

from chatapp import clock
from chatapp.actions import people as people_actions
from chatapp.actions.erasure import steps
from chatapp.actions.erasure.policy import policy
from chatapp.actions.redactions import redact
from chatapp.auth import tokens
from chatapp.errors import NotFound, Unavailable
from chatapp.ids.user_reference import UserReference
from chatapp.infra.postgres import database_connection, db
from chatapp.models import TokenFamily, User
from chatapp.queries import erasures as erasure_queries
from chatapp.queries.erasures import Erasure
from chatapp.transaction import UnitOfWork, unit_of_work

log = logging.getLogger(__name__)

IN_REQUEST = 10.0  # seconds of steps within the request: most users have nothing left to erase after that


def erase_person(reference: UserReference) -> Erasure:
    """Erase a user. Repeating it changes nothing, and continues an erasure that is not finished.

    Raises:
        NotFound: `user_not_found`.
    """
    with unit_of_work() as work:
        user: User | None = User.select().where(people_actions.is_(reference)).for_update().first()
        if user is None:
            raise NotFound("user_not_found")
        if user.erased_at is None:
            _erase_profile(work, user)
        db.execute_sql(
            "INSERT INTO erasures (user_id, content, evidence) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            (user.id, *policy()),
        )
    try:
        steps.run(user.id, until=monotonic() + IN_REQUEST)
    except Unavailable as error:  # S3, for example: the worker tries again
        log.warning("erasure interrupted, will continue", extra={"reason": error.code})
    return load_erasure(user.id)


def load_erasure(user_id: int) -> Erasure:
    """What an erasure has done so far.

    Raises:
        NotFound: `erasure_not_found`: none was requested.
    """
    with database_connection():
        found = erasure_queries.of_user(user_id)
    if found is None:
        raise NotFound("erasure_not_found")
    return found


def _erase_profile(work: UnitOfWork, user: User) -> None:
    """Remove what names a locked user, and end all access."""
    # With a random suffix: taking the name in advance must not prevent the erasure.
    username = f"deleted-{user.id}-{secrets.token_hex(4)}"
    blank = {"name": "", "email": None, "picture_url": None, "password_hash": None, "is_verified": False}
    # A token of the host that names the user by its subject is still recognised, and refused.
    User.update(
        **blank,
        subject=tokens.subject_of_erased(user.issuer, user.subject),
        username=username,
        hide_last_seen=False,
        is_moderator=False,
        erased_at=clock.now(),
        last_seen_at=None,
        updated_at=clock.now(),
    ).where(User.id == user.id).execute()
    # Hidden from now on; the steps remove them from their messages, chat by chat.
    db.execute_sql("UPDATE attachments SET expires_at = now() WHERE uploader_id = %s", (user.id,))
    db.execute_sql("DELETE FROM drafts WHERE user_id = %s", (user.id,))
    # The log-ins stay, so that their tokens are recognised as revoked.
    TokenFamily.update(address_hash=None).where(TokenFamily.user_id == user.id).execute()
    people_actions.revoke_all(work, user.id)
    redact("user", user.id)
    if policy().removes_texts:
        redact("author", user.id)
