"""Answers questions on this worker: takes turns, works on some at once, and keeps hold of them by their leases."""

from __future__ import annotations

import logging
import os
import time
import uuid
from collections.abc import Callable

import gevent

from chatapp.actions.assistant import turns, waking
from chatapp.actions.assistant.policy import policy
from chatapp.actions.assistant.running import (
    Abandoned,
    Answer,
    Restarted,
    Stopped,
    interrupt,
    log_failure,
    turn_away,
)
from chatapp.actions.assistant.turns import Claim
from chatapp.errors import ChatError, Unavailable
from chatapp.events.bus import bus
from chatapp.events.families import ChatSignal
from chatapp.metrics import assistant as metrics

log = logging.getLogger(__name__)

POLL = 1.0  # seconds between two looks for turns of other workers
GATHER, GATHER_MOST = 0.1, 0.5  # seconds for which pieces are gathered into one
PIECES = 100  # a second, of all answers; more answers gather for longer, so that other users do not wait for them
RENEW = 1.0  # seconds between two renewals of a lease, and between two repetitions of the text
LOOK = 0.2  # seconds between two looks whether a visitor wants to stop
TURNED_AWAY = 50  # turns in one statement
SECONDS_PER_ANSWER = 3  # assumed, for `retry_after`
CLOSED_AT_ONCE = 100  # turns that no worker finishes


class Answering:
    """Makes the answers of one process."""

    def __init__(self) -> None:
        self._owner = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._running: dict[int, tuple[Answer, gevent.Greenlet[..., None]]] = {}
        self._stopping = False
        self._is_taking = True
        self._renewed_at = 0.0
        self._looked_at = 0.0

    @property
    def count(self) -> int:
        """Answers that are being made."""
        return len(self._running)

    def start(self) -> None:
        """Begin to take turns."""
        gevent.spawn(self._keep, self._take_turns, "turns not taken", _await_turns)
        gevent.spawn(self._keep, self._keep_hold, "leases not renewed", self._gather)

    def take_no_more(self) -> None:
        """Leave turns that wait to other workers. Never blocks."""
        self._is_taking = False

    def stop(self, within: float) -> None:
        """Take no more turns, let answers end, and give back those that do not.

        Parameters:
            within: seconds.
        """
        self.take_no_more()
        gevent.joinall([greenlet for _, greenlet in self._running.values()], timeout=within)
        self._stopping = True
        left = [answer for answer, _ in self._running.values()]
        for answer in left:
            answer.end(Abandoned)
        try:
            turns.give_back([answer.claim for answer in left])
        except Unavailable:
            log.warning("turns not given back, their leases end")

    def _gather(self) -> None:
        gevent.sleep(min(GATHER_MOST, max(GATHER, len(self._running) / PIECES)))

    def _keep(self, work: Callable[[], None], failure: str, pause: Callable[[], None]) -> None:
        while not self._stopping:
            pause()
            try:
                work()
                continue
            except ChatError as error:
                log.warning(failure, extra={"reason": error.code})
            except Exception:
                log.exception(failure)
            gevent.sleep(POLL)

    def _take_turns(self) -> None:
        while self._is_taking:
            room = policy().concurrency - len(self._running)
            claimed = turns.claim(self._owner, room) if room > 0 else []
            for claim in claimed:
                self._begin(claim)
            if room <= 0 or len(claimed) == room:
                self._turn_away()
            if len(claimed) < max(room, 1):
                break
        if not self._is_taking:
            return
        for claim in turns.claim_abandoned(self._owner, wait=0, any_attempt=False, limit=CLOSED_AT_ONCE):
            interrupt(claim)

    def _turn_away(self) -> None:
        queue = policy().queue
        retry_after = max(1, round((queue + 1) * SECONDS_PER_ANSWER / policy().concurrency))
        for claim in turns.claim_surplus(self._owner, queue, TURNED_AWAY):
            turn_away(claim, retry_after)

    def _begin(self, claim: Claim) -> None:
        if claim.id in self._running:  # this process itself was held up for longer than the lease
            self._running[claim.id][0].end(Abandoned)
        answer = Answer(claim)
        greenlet = gevent.spawn(self._run, answer)
        self._running[claim.id] = answer, greenlet

    def _run(self, answer: Answer) -> None:
        try:
            has_ended = answer.run()
            if not has_ended:
                # There is another question, which belongs to the same answer.
                turns.give_back([answer.claim])
        except Abandoned:
            return
        except Exception as error:
            log_failure(error, answer.claim)
            return
        finally:
            found = self._running.get(answer.claim.id)
            if found is not None and found[0] is answer:
                del self._running[answer.claim.id]
            metrics.answers_running(len(self._running))
        waking.wake()

    def _keep_hold(self) -> None:
        """Show what was gathered, and notice who wants to stop; once a second renew all leases."""
        answers = {turn_id: answer for turn_id, (answer, _) in self._running.items()}
        now = time.monotonic()
        is_due = now >= self._renewed_at + RENEW
        stored = {turn_id: answer for turn_id, answer in answers.items() if is_due or answer.has_gathered}
        if stored:
            self._store(stored, repeats=is_due)
        if is_due:
            self._renewed_at = now
        if now >= self._looked_at + LOOK:
            self._looked_at = now
            others = [turn_id for turn_id in answers if turn_id not in stored]
            for held in turns.stopped_among(others) if others else ():
                answers[held.id].end(Stopped)

    def _store(self, answers: dict[int, Answer], *, repeats: bool) -> None:
        """Renew the leases of answers, store their texts, then show them: all in one statement and one parcel."""
        progress = {turn_id: answer.progress for turn_id, answer in answers.items()}
        lost = set(answers)
        signals: list[ChatSignal] = []
        for held in turns.renew(list(progress.values())):
            lost.discard(held.id)
            answer = answers[held.id]
            signals += answer.show(progress[held.id])
            if held.is_stopped:
                answer.end(Stopped)
            elif held.question_seq != answer.claim.question_seq and not answer.has_shown:
                answer.end(Restarted)
            elif repeats:
                signals += answer.repeat()
        if signals:
            bus.publish(signals)
        for turn_id in lost:
            answers[turn_id].end(Abandoned)


def _await_turns() -> None:
    waking.wanted.wait(POLL)
    waking.wanted.clear()


def close_unfinished() -> int:
    """End turns that no worker finishes, as where all web workers are away; returns how many."""
    owner = f"close-{uuid.uuid4().hex[:8]}"
    abandoned = turns.claim_abandoned(owner, wait=turns.INTERRUPT_AFTER, any_attempt=True, limit=CLOSED_AT_ONCE)
    for claim in abandoned:
        interrupt(claim)
    return len(abandoned)


answering = Answering()
