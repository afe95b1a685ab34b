"""Requests of people who do something with messages and chats, and which refusals are expected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any, NamedTuple

import gevent

from chaos.load.dialects import Dialect
from chaos.load.state import LoadState

NO_ANSWER = (0, 503)  # a server is restarting, or one that it needs is away
TRIES, PAUSE = 30, 0.5  # of a request that must be answered, and seconds between them
NOT_FOUND = "messageNotFound"


class Place(NamedTuple):
    """A person in a chat, who uses one of the dialects."""

    chat: int
    person: int
    dialect: Dialect

    @property
    def path(self) -> str:
        """The path of the chat."""
        return f"{self.dialect.chats}/{self.dialect.shown_chat_id(self.chat)}"

    def message_path(self, message: int) -> str:
        """The path of a message."""
        return f"/messages/{self.dialect.shown_message_id(message)}"

    def name(self, field: str) -> str:
        """What the dialect calls a field of the marketplace."""
        return self.dialect.names.get(field, field)


class Answer(NamedTuple):
    """The answer to a request; neither, if there was none.

    Attributes:
        data: of the body, where the action was done.
    """

    is_done: bool = False
    is_refused: bool = False
    data: Any = None


class Acting:
    """Makes the requests, and records each answer that is not expected as a fault.

    Attributes:
        done: how often each action succeeded.
    """

    def __init__(self, state: LoadState) -> None:
        self.state = state
        self.done: Counter[str] = Counter()

    def ask(
        self,
        what: str,
        place: Place,
        method: str,
        path: str,
        *,
        message: int = 0,
        refusals: Collection[str] = (),
        **options: Any,
    ) -> Answer:
        """Ask once.

        Parameters:
            message: what it is about. It is not found after the same person has hidden it.
            refusals: other error codes that are expected, as `messageDeleted`.
        """
        status, body = self.state.ask(method, path, place.person, dialect=place.dialect, **options)
        if body is None or status in NO_ANSWER:
            return Answer()
        if status < 400:
            self.done[what] += 1
            return Answer(is_done=True, data=body["data"])
        code = place.dialect.refusal(body)
        is_hidden = code == NOT_FOUND and (place.person, message) in self.state.hiding
        if not is_hidden and code not in refusals:
            self.state.fault(f"{what}, {method} {place.dialect.base}{path}", f"{status} {code}: {body}")
        return Answer(is_refused=True)

    def ask_until_answered(self, what: str, place: Place, method: str, path: str, **options: Any) -> Answer:
        """Repeat the request until there is an answer; a fault if there is none for long. Parameters: as in `ask`."""
        for _ in range(TRIES):
            answer = self.ask(what, place, method, path, **options)
            if answer.is_done or answer.is_refused:
                return answer
            gevent.sleep(PAUSE)
        self.state.fault(f"{what}, {method} {place.dialect.base}{path}", "was never answered")
        return Answer()
