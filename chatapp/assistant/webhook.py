"""The adapter `webhook`: a bot elsewhere gets each question signed, and answers at once or in parts.

Its answer is trusted in its words, for the operator has named the bot. Cards show items of the catalogue all the same.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import time
from collections.abc import Generator, Sequence

import gevent
import orjson

from chatapp.assistant.bot_answers import MAX_TEXT, BotPart, Inbox, Mailbox, MalformedAnswer, PartOrder, read_answer
from chatapp.assistant.port import Cards, Choices, Delta, Done, HandOver, Reason, State, Step, Turn
from chatapp.infra.circuit_breaker import CircuitBreaker
from chatapp.infra.streaming_http import Clocks, RequestFailed, StreamingHttp
from chatapp.text.sanitizing import without_controls

log = logging.getLogger(__name__)

USER_AGENT = "chatapp-assistant/1.0"
TAKEN_WITHIN = 5.0  # seconds in which a bot has to respond
PAUSES = (0.5, 2.0, 5.0)  # seconds before each further attempt
_MAX_BODY = 256 << 10  # bytes of a response
_CLOCKS = Clocks(connect=3.0, first_byte=TAKEN_WITHIN - 3.0, silence=TAKEN_WITHIN, max_bytes=_MAX_BODY)
_FAILURES, _REST = 5, 30.0  # so many questions in a row fail, and the bot is left alone for so many seconds
_ACCEPTED = 202


class _NotTaken(Exception):
    """The bot has not taken the question.

    Attributes:
        pause: seconds until it may be sent again, at least; None if it is no use.
        is_timeout: the bot was too slow.
    """

    def __init__(self, pause: float | None, *, is_timeout: bool = False) -> None:
        super().__init__()
        self.pause = pause
        self.is_timeout = is_timeout


class Webhook:
    """Answers by a bot.

    Parameters:
        url: of the bot.
        secret: signs what is sent.
        mailbox: brings the parts that the bot sends later.
        taken_within: seconds in which the bot has to respond.
        pauses: seconds before each further attempt.
    """

    name = "webhook"

    def __init__(
        self,
        url: str,
        secret: str,
        mailbox: Mailbox,
        *,
        taken_within: float = TAKEN_WITHIN,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self._http = StreamingHttp(url, USER_AGENT, _CLOCKS)
        self._secret = secret.encode()
        self._mailbox = mailbox
        self._taken_within = taken_within
        self._pauses = pauses
        self._breaker = CircuitBreaker(failures=_FAILURES, pause=_REST)

    def answer(self, turn: Turn) -> Generator[Step, None, None]:
        """Answer a turn; see the port."""
        yield State("thinking")
        if not self._breaker.allows():
            yield Done("error", turn.wish)
            return
        answer = _Answer(turn)
        try:
            with self._mailbox.open(turn) as inbox:
                part = self._send(turn)
                self._breaker.succeeded()
                if part is not None:
                    yield from answer.add(part)
                else:
                    yield from answer.receive(inbox)
        except _NotTaken as failure:
            self._breaker.failed()
            answer.reason = "timeout" if failure.is_timeout else "error"
        except MalformedAnswer as problem:
            self._breaker.failed()
            log.warning("no answer of the bot", extra={"reason": str(problem)})
            answer.reason = "error"
        yield from answer.end()

    def _send(self, turn: Turn) -> BotPart | None:
        """Send the question, several times if necessary. Returns the answer, or None if it comes later.

        Raises:
            _NotTaken: the bot has not taken it.
            MalformedAnswer: it responded with something else than an answer.
        """
        for pause in self._pauses:
            try:
                return self._send_once(turn)
            except _NotTaken as failure:
                if failure.pause is None or time.monotonic() + max(pause, failure.pause) >= turn.deadline:
                    raise
                gevent.sleep(max(pause, failure.pause))
        return self._send_once(turn)

    def _send_once(self, turn: Turn) -> BotPart | None:
        body = orjson.dumps(_question(turn))
        deadline = min(turn.deadline, time.monotonic() + self._taken_within)
        headers = {"X-Chatapp-Delivery": f"{turn.id}-{turn.attempt}", "X-Chatapp-Signature": self._signature(body)}
        is_taken = False
        try:
            with self._http.post(body, headers, deadline=deadline) as response:
                if 200 <= response.status < 300:
                    is_taken = True
                    return None if response.status == _ACCEPTED else read_answer(response.body())
                log.warning("question refused by the bot", extra={"status": response.status})
                may_change = response.status in (408, 429) or response.status >= 500
                wanted = response.retry_after or 0.0
                raise _NotTaken(wanted if may_change and wanted <= max(self._pauses, default=0.0) else None)
        except RequestFailed as error:
            if is_taken:
                raise MalformedAnswer(str(error)) from error
            log.warning("question not sent to the bot", extra={"reason": str(error)})
            raise _NotTaken(0.0, is_timeout=error.is_timeout) from error

    def _signature(self, body: bytes) -> str:
        return signature(self._secret, int(time.time()), body)


def signature(secret: bytes, moment: int, body: bytes) -> str:
    """The header that proves who has sent a body, and when.

    Parameters:
        moment: seconds since 1970.
    """
    signed = hmac.new(secret, f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={signed}"


def _question(turn: Turn) -> dict[str, object]:
    return {
        "turn_id": turn.id,
        "session_id": turn.session_id,
        "language": turn.language,
        "messages": [{"role": line.role, "content": line.text} for line in turn.history],
        "place": None if turn.place is None else {"kind": turn.place.kind, "id": turn.place.id},
        "wish": turn.wish,
    }


class _Answer:
    """One answer, as far as it has come.

    Attributes:
        reason: of its end.
    """

    def __init__(self, turn: Turn) -> None:
        self.reason: Reason = "stop"
        self._turn = turn
        self._said = 0  # characters
        self._has_more = False  # to show than text
        self._wish = turn.wish

    def receive(self, inbox: Inbox) -> Generator[Step, None, None]:
        """The parts that arrive until one is the last, or the time is over."""
        order = PartOrder()
        while (left := self._turn.deadline - time.monotonic()) > 0:
            arrived = inbox.next(left)
            if arrived is None:
                continue
            for part in order.add(arrived):
                yield from self.add(part)
                if part.is_done or self.reason != "stop":
                    return
        self.reason = "timeout"

    def add(self, part: BotPart) -> Generator[Step, None, None]:
        """The steps of a part."""
        text = without_controls(part.text.replace("\x00", ""))
        if len(text) > MAX_TEXT - self._said:
            self.reason = "length"
        if shown := text[: MAX_TEXT - self._said]:
            if not self._said:
                yield State("generating")
            self._said += len(shown)
            yield Delta(shown)
        items = self._turn.catalogue.get(part.items) if part.items else ()
        self._has_more = self._has_more or bool(items or part.choices or part.hand_over is not None)
        if items:
            yield Cards(items, len(items))
        if part.choices:
            yield Choices(part.choices)
        if part.hand_over is not None:
            yield HandOver(part.hand_over)
        self._wish = part.wish if part.wish is not None else self._wish

    def end(self) -> Generator[Step, None, None]:
        """The end. An answer without anything to show has failed."""
        is_empty = self.reason == "stop" and not self._said and not self._has_more
        yield Done("error" if is_empty else self.reason, self._wish)
