"""One answer while it is made: its pieces leave some times a second, and its end becomes a message."""

from __future__ import annotations

import logging
from contextlib import closing
from typing import Any

import gevent
from gevent import GreenletExit

from chatapp.actions.assistant import answers, context, turns
from chatapp.actions.assistant.adapters import answerer
from chatapp.actions.assistant.answers import Result
from chatapp.actions.assistant.context import Context
from chatapp.actions.assistant.parts import parts_of
from chatapp.actions.assistant.texts import text as text_in
from chatapp.actions.assistant.turns import Claim, Progress
from chatapp.assistant.port import Cards, Choices, Delta, Done, HandOver, State
from chatapp.errors import ChatError
from chatapp.events.assistant import AnswerDelta, AnswerPartial, AnswerState
from chatapp.events.bus import bus
from chatapp.events.families import ChatSignal

log = logging.getLogger(__name__)

MOST_CHARACTERS = 10_000  # of an answer; what an adapter says beyond is cut
_STATUS = {"stop": "complete", "length": "complete", "stopped": "stopped"}


class Stopped(GreenletExit):
    """Ends an answer: the visitor wants no more of it."""


class Abandoned(GreenletExit):
    """Ends an answer without a message: this process does not hold its turn any more, or ends."""


class Restarted(GreenletExit):
    """Ends an answer of which nothing was shown, since there is another question."""


class Answer:
    """An answer that this process makes.

    Its text is stored before it is shown: whatever happens to this process, the message that ends the turn has all that
    the visitor has seen. The first piece is shown at once, the following ones by `Answering`, for all answers together.

    Attributes:
        claim: its turn.
    """

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self._context: Context | None = None
        self._text = ""
        self._sent = 0  # characters of the text that have left
        self._pieces = 0
        self._state: str | None = None
        self._cards: Cards | None = None
        self._choices: Choices | None = None
        self._hand_over: str | None = None
        self._greenlet = gevent.getcurrent()
        self._is_interruptible = False
        self._end: type[GreenletExit] | None = None
        self._is_over = False

    @property
    def has_shown(self) -> bool:
        """Whether the visitor sees something of it."""
        return self._pieces > 0

    @property
    def has_gathered(self) -> bool:
        """Whether there is text for another piece; the first one is not sent from outside."""
        return self.has_shown and self._sent < len(self._text)

    @property
    def progress(self) -> Progress:
        """For a checkpoint: what the visitor sees after `show`."""
        if self.has_gathered:
            return Progress(self.claim.id, self.claim.attempt, self._text, self._pieces + 1)
        return Progress(self.claim.id, self.claim.attempt, self._text[: self._sent], self._pieces)

    def end(self, reason: type[GreenletExit]) -> None:
        """End it early, unless it is being stored already. Never blocks.

        Parameters:
            reason: `Stopped`, `Abandoned` or `Restarted`.
        """
        gevent.get_hub().loop.run_callback(self._interrupt, reason)

    def _interrupt(self, reason: type[GreenletExit]) -> None:
        """Runs in the hub, so that the answer cannot go on between the question where it is, and the end."""
        if self._is_interruptible:
            self._greenlet.throw(reason)
        else:
            self._end = self._end or reason

    def run(self) -> bool:
        """Make the answer; returns whether its turn has ended.

        Raises:
            Abandoned: it was ended by this.
            Unavailable: Postgres is away.
        """
        self._greenlet = gevent.getcurrent()
        self._context = context.load(self.claim)
        if self._context is None:
            return True
        try:
            done = Done("stopped") if self.claim.is_stopped else self._take_steps()
        except Stopped:
            done = Done("stopped")
        except Restarted:
            return False
        return self._finish(done)

    def show(self, progress: Progress) -> list[ChatSignal]:
        """The next piece, to be published; none if nothing has come since the last one, or the answer is over.

        Parameters:
            progress: what was stored.
        """
        delta = progress.text[self._sent :]
        if self._is_over or not delta:
            return []
        self._sent, self._pieces = len(progress.text), progress.pieces
        claim = self.claim
        return [AnswerDelta((), claim.chat_id, self._version, claim.id, claim.attempt, self._pieces, delta)]

    def repeat(self) -> list[ChatSignal]:
        """The text so far, for sockets that have missed pieces."""
        if self._is_over or not self.has_shown:
            return []
        claim, text = self.claim, self._text[: self._sent]
        return [AnswerPartial((), claim.chat_id, self._version, claim.id, claim.attempt, self._pieces, text)]

    def _take_steps(self) -> Done:
        """The end of the answer.

        Raises:
            Stopped, Abandoned: it was ended by this.
            Restarted: its question has changed before anything was shown.
        """
        assert self._context is not None
        self._show_state("thinking")
        with closing(answerer().adapter.answer(self._context.turn)) as steps:
            while True:
                if self._end is not None:
                    raise self._end
                # The only place where it is interrupted: a transaction of this file is either done, or not begun.
                self._is_interruptible = True
                try:
                    step = next(steps, Done("error"))
                finally:
                    self._is_interruptible = False
                if isinstance(step, Done):
                    return step
                self._take(step)

    def _take(self, step: State | Delta | Cards | Choices | HandOver) -> None:
        if isinstance(step, State):
            self._show_state(step.state)
        elif isinstance(step, Delta):
            self._add(step.text)
        elif isinstance(step, Cards):
            self._cards = step
        elif isinstance(step, Choices):
            self._choices = step
        else:
            self._hand_over = step.reason

    def _add(self, text: str) -> None:
        """Add to the text.

        Raises:
            Restarted: nothing was shown yet, and there is another question, or this process does not hold the turn.
        """
        room = MOST_CHARACTERS - len(self._text)
        self._text += text.replace("\x00", "")[:room]
        if self._text and not self.has_shown:
            if not turns.begin_showing(self.claim, self._text):
                raise Restarted
            bus.publish(self.show(Progress(self.claim.id, self.claim.attempt, self._text, 1)))

    def _show_state(self, state: str | None) -> None:
        if state != self._state:
            self._state = state
            bus.publish([AnswerState((), self.claim.chat_id, self._version, state)])

    @property
    def _version(self) -> int:
        return 0 if self._context is None else self._context.version

    def _finish(self, done: Done) -> bool:
        assert self._context is not None
        self._is_over = True  # what has not left yet, leaves with the message
        language, text = self._context.turn.language, self._text
        status = _STATUS.get(done.reason) or ("interrupted" if text else "failed")
        if self._hand_over is not None and not text:
            text, status = text_in("handover", language), "complete"
        elif not text and self._cards is None:
            text, status = _end_without_text(self.claim, status, language)
        if status == "failed":
            self._show_state("error")
        result = Result(
            text=text,
            parts=parts_of(text, self._cards, self._choices),
            status=status,
            outcome=done.reason,
            language=language,
            adapter=answerer().adapter.name,
            wish=None if done.wish is None else dict(done.wish),
            hand_over=self._hand_over,
            prompt_tokens=done.prompt_tokens,
            completion_tokens=done.completion_tokens,
            has_shown=self.has_shown,
        )
        try:
            return answers.finish(self.claim, result)
        finally:
            self._show_state(None)


def _end_without_text(claim: Claim, status: str, language: str) -> tuple[str, str]:
    """The text and status of an answer that says nothing: what an earlier attempt has shown stays."""
    if claim.said:
        return claim.said, "stopped" if status == "stopped" else "interrupted"
    return ("", status) if status == "stopped" else (text_in("failed", language), "failed")


def turn_away(claim: Claim, retry_after: int) -> None:
    """End a turn that has to wait for too long: its visitor is asked to try again."""
    found = context.load(claim)
    if found is None:
        return
    text = text_in("busy", found.turn.language)
    answers.finish(
        claim,
        Result(text, parts_of(text, None, None), "failed", "busy", found.turn.language, retry_after=retry_after),
    )


def interrupt(claim: Claim) -> None:
    """End a turn that no worker will finish, with what was said of its answer."""
    found = context.load(claim)
    if found is None:
        return
    language = found.turn.language
    text, status = _end_without_text(claim, "failed", language)
    answers.finish(claim, Result(text, parts_of(text, None, None), status, "interrupted", language))


def log_failure(error: BaseException, claim: Claim) -> None:
    """Log why an answer was not finished; another worker takes its turn when the lease is over."""
    extra: dict[str, Any] = {"turn": claim.id, "attempt": claim.attempt}
    if isinstance(error, ChatError):
        log.warning("answer not finished", extra={**extra, "reason": error.code})
    else:
        log.error("answer not finished", exc_info=error, extra=extra)
