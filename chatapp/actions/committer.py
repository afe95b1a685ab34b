"""Committers: messages that wait to be stored are committed together.

A lone message is committed at once, by the greenlet of its sender. While one commit is in progress, the next batch
gathers, so batches grow with the load. Only where messages arrive faster than commits take, a small batch waits a
millisecond for more: otherwise each would carry one or two, at a third more CPU time of Postgres.
Each chat has one of few committers: while Postgres works for one, this process works for another. `one_trip` stores a
batch; this module forms the batches and returns the result to each sender.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

import gevent
from peewee import DatabaseError, IntegrityError

from chatapp.access import is_shadow_banned
from chatapp.actions import group_commit, one_trip
from chatapp.actions.draft import Draft
from chatapp.actions.group_commit import Outcome
from chatapp.actions.moderation import shadow_writes
from chatapp.errors import ChatError, ConnectionLost, Unavailable
from chatapp.events.snapshots import MessageSnapshot
from chatapp.infra.batcher import Batcher, Call
from chatapp.infra.bound import Bound

log = logging.getLogger(__name__)

COMMITTERS = 2  # with one, process and Postgres would wait for each other; more make batches smaller and gain nothing
BATCH_LIMIT = 256  # messages in one transaction; with more, latency grows faster than throughput
DENSE = 0.0006  # seconds between messages on average; below it, small batches wait
GATHER = 0.001  # seconds that a small batch waits
SMALL_BATCH = 8  # messages
CONTENDED_PAUSE = 0.002  # seconds to wait if other transactions hold all chats of a batch
CONTENDED_LIMIT = 5.0  # seconds after which a message whose chat stays locked fails with 503

_Call = Call[Draft, MessageSnapshot]


class Arrivals:
    """How densely messages arrive at this worker."""

    _WEIGHT = 1 / 32  # of the newest interval in the average
    _LONGEST = 1.0  # seconds; a longer interval counts as this one

    def __init__(self) -> None:
        self._last = 0.0
        self._interval = self._LONGEST

    def count(self) -> None:
        """A message arrives."""
        now = time.monotonic()
        self._interval += (min(now - self._last, self._LONGEST) - self._interval) * self._WEIGHT
        self._last = now

    @property
    def are_dense(self) -> bool:
        """Whether they arrive faster than commits take."""
        return self._interval < DENSE


class Committer:
    """Commits drafts in batches, one at a time."""

    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals = arrivals
        self._batcher: Batcher[_Call] = Batcher(self._commit, limit=BATCH_LIMIT, pause=self._pause)
        self._alone = 0  # number of calls at the head of the queue that are committed alone

    def commit(self, draft: Draft) -> MessageSnapshot:
        """Store a draft with the next batch; returns the message after the commit.

        Raises:
            ChatError: the message is refused.
            Unavailable: Postgres is away, or the chat stays locked. The message may have been stored.
            DatabaseError: Postgres refuses the message.
        """
        call: _Call = Call(draft)
        self._arrivals.count()
        if self._arrivals.are_dense or not self._batcher.process_here(call):
            self._batcher.add(call)
        return call.wait()

    def add(self, draft: Draft) -> _Call:
        """Store a draft with the next batch; the result has the message, or an error as of `commit`."""
        call: _Call = Call(draft)
        self._batcher.add(call)
        return call

    def _pause(self, waiting: int) -> float:
        return GATHER if waiting < SMALL_BATCH and self._arrivals.are_dense else 0.0

    def _commit(self, calls: list[_Call]) -> None:
        self._alone = max(0, self._alone - 1)
        try:
            outcomes = _commit_or_retry([call.request for call in calls])
        except Unavailable as error:
            # Fail all that wait, too: with one time-out after the other, the last would outlast its client.
            for call in [*calls, *self._batcher.take_all()]:
                call.fail(error)
            self._alone = 0
        except Exception as error:
            self._handle_failure(calls, error)
        else:
            self._return_outcomes(calls, outcomes)
        self._batcher.limit = 1 if self._alone else BATCH_LIMIT

    def _handle_failure(self, calls: list[_Call], error: Exception) -> None:
        """Commit the calls of a failed batch one by one, so that an invalid message fails alone."""
        if len(calls) > 1:
            self._batcher.put_back(calls)
            self._alone = len(calls)
            return
        if not isinstance(error, (ChatError, DatabaseError)):
            log.error("a message could not be stored", exc_info=error)
        calls[0].fail(error)

    def _return_outcomes(self, calls: list[_Call], outcomes: list[Outcome]) -> None:
        contended = []
        for call, outcome in zip(calls, outcomes, strict=True):
            if isinstance(outcome, MessageSnapshot):
                call.answer(outcome)
            elif isinstance(outcome, ChatError):
                call.fail(outcome)
            elif call.request.age() > CONTENDED_LIMIT:
                call.fail(Unavailable("chat"))
            else:
                contended.append(call)
        self._batcher.put_back(contended)
        if len(contended) == len(calls):
            gevent.sleep(CONTENDED_PAUSE)


def _commit_or_retry(drafts: list[Draft]) -> list[Outcome]:
    """Commit a batch, with one retry in two round trips after a lost connection or a duplicate key.

    A pooled connection may have died while idle, and one that is lost during COMMIT leaves open whether the batch was
    stored; idempotency keys make the retry safe. When two workers store the same key in two chats at once, the second
    one fails on the duplicate; its retry finds the key stored.
    """
    try:
        return one_trip.commit(drafts)
    except (ConnectionLost, IntegrityError):
        return group_commit.commit(drafts)


def _committers() -> list[Committer]:
    arrivals = Arrivals()
    return [Committer(arrivals) for _ in range(COMMITTERS)]


committers = Bound("The committers", lambda settings: _committers())


def commit(draft: Draft) -> MessageSnapshot:
    """Store a draft with the committer of its chat; that of a shadow-banned sender for the sender alone.

    Raises:
        ChatError, DatabaseError: as in `Committer.commit`.
    """
    if is_shadow_banned(draft.sender_id):
        return shadow_writes.store(draft)
    return committers()[draft.chat_id % COMMITTERS].commit(draft)


def commit_all(drafts: Sequence[Draft]) -> list[MessageSnapshot]:
    """Store drafts together, each with the committer of its chat.

    If one is refused, the others are stored all the same.

    Raises:
        ChatError, DatabaseError: as in `Committer.commit`, the first of them.
    """
    if any(is_shadow_banned(draft.sender_id) for draft in drafts):
        return [commit(draft) for draft in drafts]
    calls = [committers()[draft.chat_id % COMMITTERS].add(draft) for draft in drafts]
    stored: list[MessageSnapshot] = []
    errors: list[ChatError | DatabaseError] = []
    for call in calls:
        try:
            stored.append(call.wait())
        except (ChatError, DatabaseError) as error:
            errors.append(error)
    if errors:
        raise errors[0]
    return stored
