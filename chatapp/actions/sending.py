"""Sending: every message goes through a committer, which groups what waits into one transaction.

Nothing waits for a timer: while one commit is on its way the next group gathers, so groups grow by themselves under
load. A worker has few committers, and a chat always the same of them: while Postgres works for one group, the worker
works for another. The statements of a group are in `group_commit`; this file decides who is in it and answers each
sender.
"""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gevent
import orjson
from gevent.event import AsyncResult
from peewee import DatabaseError, IntegrityError

from chatapp.actions import chat_hints, group_commit
from chatapp.actions.chats import Target, find_or_create_chat
from chatapp.actions.content import check_attachment_ids, check_content, sanitize
from chatapp.actions.group_commit import Draft
from chatapp.actions.idempotency_keys import is_used
from chatapp.actions.typing import stop_typing
from chatapp.auth.actor import Actor
from chatapp.errors import ChatError, Invalid, NotFound, Unavailable
from chatapp.events.snapshots import MessageSnapshot
from chatapp.infra.bound import Bound
from chatapp.infra.postgres import database_connection
from chatapp.queries import attachments as attachment_queries
from chatapp.text.links import has_links

log = logging.getLogger(__name__)

COMMITTERS = 2  # with one, worker and Postgres wait for each other in turn; more make groups smaller and gain nothing
GROUP_LIMIT = 256  # messages in one transaction: past it a commit's latency grows faster than its throughput
CONTENDED_PAUSE = 0.002  # seconds before a chat that another transaction holds is tried again
CONTENDED_LIMIT = 5.0  # seconds after which such a message is given up with 503


def send_message(
    actor: Actor,
    chat_id: int,
    content: str,
    *,
    message_type: str = "text",
    location: dict[str, Any] | None = None,
    attachment_ids: Sequence[int] = (),
    idempotency_key: str | None = None,
    origin: str | None = None,
) -> MessageSnapshot:
    """Send a message, or return the one that was sent under this key before. The sender stops typing.

    Parameters:
        content: the text as the client sent it.
        attachment_ids: files that the actor uploaded and has not sent yet, at most `content.MAX_FILES`; with files
            `content` may be empty.
        idempotency_key: chosen by the sender. Repeating the same message with the same key, over any route or socket,
            stores it once and returns it after its commit.
        origin: id of the socket that it came over.

    Raises:
        NotFound: not a chat of the actor's.
        Forbidden: `blocked`: one of the two members blocks the other.
        Conflict: the key was used for another message.
        Invalid: the message is empty or too long; `attachment_not_found`.
        Unavailable: Postgres is away; repeating with the same key is safe.
    """
    body = _Body(sanitize(content), message_type, location, tuple(attachment_ids))
    return _send(actor, chat_id, body, Target(chat_id), idempotency_key, origin)


def send_to(
    actor: Actor,
    target: Target,
    content: str,
    *,
    strict_items: bool,
    message_type: str = "text",
    location: dict[str, Any] | None = None,
    attachment_ids: Sequence[int] = (),
    idempotency_key: str | None = None,
    origin: str | None = None,
) -> MessageSnapshot:
    """Send to the chat that the target means: named by its id, found, or created.

    Parameters:
        strict_items: as in `chats.find_or_create_chat`; the others as in `send_message`.

    Raises:
        Invalid: what else the target names is not of its chat.
        ChatError: as in `send_message` and `chats.find_or_create_chat`.
    """
    target.check(actor)
    body = _Body(sanitize(content), message_type, location, tuple(attachment_ids))
    known_id = target.chat_id or chat_hints.recall(actor, target)
    if known_id:
        try:
            return _send(actor, known_id, body, target, idempotency_key, origin)
        except (Invalid, NotFound):
            if target.chat_id:
                raise
            chat_hints.forget(actor, target)
    # Checked before a chat is created: a refused message leaves nothing behind.
    body.check()
    _check_sendable(actor, body.attachment_ids, idempotency_key)
    chat_id = find_or_create_chat(
        actor,
        receiver_id=target.receiver_id,
        listing_id=target.listing_id,
        storefront_product_id=target.storefront_product_id,
        strict_items=strict_items,
        idempotency_key=idempotency_key,
    )
    message = _send(actor, chat_id, body, target, idempotency_key, origin)
    chat_hints.remember(actor, target, chat_id)
    return message


@dataclass(frozen=True, slots=True)
class _Body:
    """What a message consists of. `content` is sanitised."""

    content: str
    message_type: str
    location: dict[str, Any] | None
    attachment_ids: tuple[int, ...]

    def check(self) -> None:
        """Raises Invalid unless this may be sent."""
        check_content(self.content, self.message_type, self.location, has_files=bool(self.attachment_ids))
        check_attachment_ids(self.attachment_ids, self.message_type)

    def fingerprint(self, chat_id: int) -> str:
        """A hash by which the same key with another message is recognised."""
        files = [self.attachment_ids] if self.attachment_ids else []  # left out: keys stored before files still match
        parts = [chat_id, self.content, self.message_type, self.location, *files]
        return hashlib.blake2b(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()


def _send(
    actor: Actor, chat_id: int, body: _Body, target: Target, idempotency_key: str | None, origin: str | None
) -> MessageSnapshot:
    body.check()
    draft = Draft(
        sender_id=actor.id,
        chat_id=chat_id,
        content=body.content,
        message_type=body.message_type,
        location=body.location,
        # Ours when the sender gives none: a connection lost during COMMIT is tried again, and must not double it.
        key=idempotency_key or f"server:{uuid.uuid4().hex}",
        idempotency_key=idempotency_key,
        fingerprint=body.fingerprint(chat_id),
        has_links=has_links(body.content),  # searched here, while no chat is locked
        origin=origin,
        target=target,
        attachment_ids=body.attachment_ids,
    )
    message = committers()[chat_id % COMMITTERS].commit(draft)
    stop_typing(actor.id, chat_id)
    return message


def _check_sendable(actor: Actor, attachment_ids: Sequence[int], idempotency_key: str | None) -> None:
    """Raises Invalid if these are not the actor's to send, unless they may have been sent under this key."""
    if not attachment_ids:
        return
    with database_connection():
        if idempotency_key is None or not is_used(actor, idempotency_key):
            attachment_queries.check_sendable(actor, attachment_ids)


class Committer:
    """Gathers drafts and commits them group by group, in a greenlet that lives while there are any."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Draft, AsyncResult[MessageSnapshot]]] = deque()
        self._greenlet: gevent.Greenlet[..., None] | None = None
        self._singly = 0  # so many of those that wait are committed alone

    def commit(self, draft: Draft) -> MessageSnapshot:
        """Wait for the draft's group; returns the stored message or raises what became of it."""
        answer: AsyncResult[MessageSnapshot] = AsyncResult()
        self._waiting.append((draft, answer))
        if self._greenlet is None:
            self._greenlet = gevent.spawn(self._run)
        message = answer.get()
        assert message is not None
        return message

    def _run(self) -> None:
        try:
            while self._waiting:
                size = 1 if self._singly else min(GROUP_LIMIT, len(self._waiting))
                self._singly = max(0, self._singly - 1)
                self._commit_group([self._waiting.popleft() for _ in range(size)])
        finally:
            self._greenlet = None

    def _commit_group(self, group: list[tuple[Draft, AsyncResult[MessageSnapshot]]]) -> None:
        try:
            outcomes = _commit_twice([draft for draft, _ in group])
        except Unavailable as error:
            # All at once, those that wait too: 256 time-outs in a row would outlast every client.
            for _, answer in [*group, *self._waiting]:
                answer.set_exception(error)
            self._waiting.clear()
            self._singly = 0
        except Exception as error:
            self._fail(group, error)
        else:
            self._answer(group, outcomes)

    def _fail(self, group: list[tuple[Draft, AsyncResult[MessageSnapshot]]], error: Exception) -> None:
        """One bad message hurts no neighbour: a group that failed on data is tried again one by one."""
        if len(group) > 1:
            self._waiting.extendleft(reversed(group))
            self._singly = len(group)
            return
        if not isinstance(error, (ChatError, DatabaseError)):
            log.error("a message could not be stored", exc_info=error)
        group[0][1].set_exception(error)

    def _answer(
        self, group: list[tuple[Draft, AsyncResult[MessageSnapshot]]], outcomes: list[group_commit.Outcome]
    ) -> None:
        contended = []
        for (draft, answer), outcome in zip(group, outcomes, strict=True):
            if isinstance(outcome, group_commit.Contended):
                contended.append((draft, answer))
            elif isinstance(outcome, ChatError):
                answer.set_exception(outcome)
            else:
                answer.set(outcome)
        self._put_back(contended, everybody=len(contended) == len(group))

    def _put_back(self, contended: list[tuple[Draft, AsyncResult[MessageSnapshot]]], *, everybody: bool) -> None:
        """A chat that another worker holds joins the next group and stalls nobody."""
        for draft, answer in reversed(contended):
            if draft.waited() > CONTENDED_LIMIT:
                answer.set_exception(Unavailable("chat"))
            else:
                self._waiting.appendleft((draft, answer))
        if everybody:
            gevent.sleep(CONTENDED_PAUSE)


def _commit_twice(drafts: list[Draft]) -> list[group_commit.Outcome]:
    """A pooled connection may have died while idle, and a commit may have been cut: keys make a second try safe.

    The same key sent into two chats at once over two workers meets itself only when it is written; a second try finds
    it stored.
    """
    try:
        return group_commit.commit(drafts)
    except (Unavailable, IntegrityError):
        return group_commit.commit(drafts)


committers = Bound("The committers", lambda settings: [Committer() for _ in range(COMMITTERS)])
