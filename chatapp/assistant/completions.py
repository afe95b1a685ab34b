"""Requests to a server with the API of OpenAI: within the token budget, tried once more where that may help."""

from __future__ import annotations

import logging
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import gevent
import orjson

from chatapp.assistant.budget import Budget, Reservation
from chatapp.assistant.completion_stream import DONE, Completion, ProviderError
from chatapp.assistant.port import Turn
from chatapp.assistant.sse import EventReader, MalformedStream
from chatapp.infra.circuit_breaker import CircuitBreaker
from chatapp.infra.streaming_http import Clocks, RequestFailed, StreamedResponse, StreamingHttp

log = logging.getLogger(__name__)

_PATH = "/chat/completions"
_MAX_PAUSE = 5.0  # seconds that a server may ask for before it is tried once more
_FAILURES, _REST = 5, 30.0  # so many failures in a row, and the server is left alone for so many seconds
_RETRIED = frozenset({408, 429, *range(500, 600)})
# What a request of one visitor cannot cause. After others, such as 400, the next visitor's may succeed.
_OF_THE_SERVER = _RETRIED | {401, 403, 404}
_CHARACTERS_PER_TOKEN = 2  # Cyrillic and Thai; Latin has more


class Refused(Exception):
    """The provider does not want to answer this."""


class BudgetSpent(Exception):
    """There are not enough tokens left for the request."""


class _NotAnswered(Exception):
    """The server answered with an error.

    Attributes:
        pause: seconds until it may be tried again; None if it is no use.
    """

    def __init__(self, status: int, pause: float | None) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.pause = pause


@dataclass
class Completions:
    """A model on a server.

    Parameters:
        url: base URL, as https://api.openai.com/v1; the whole one is accepted, too.
        key: bearer token; empty if the server needs none.
        model: its name.
        budget: of tokens.
        max_tokens: of one completion.
        clocks: of one request.
        pause: seconds before a request is tried once more, unless the server names them.
    """

    url: str
    key: str = field(repr=False)
    model: str
    budget: Budget
    max_tokens: int = 600
    clocks: Clocks = Clocks()
    pause: float = 0.5
    user_agent: str = "chatapp-assistant/1.0"

    def __post_init__(self) -> None:
        url, mark, query = self.url.partition("?")
        url = url.rstrip("/")
        self._http = StreamingHttp(
            (url if url.endswith(_PATH) else url + _PATH) + mark + query, self.user_agent, self.clocks
        )
        self._headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        self._breaker = CircuitBreaker(failures=_FAILURES, pause=_REST)
        # Servers differ in the names that they know; what one refuses is not sent to it again.
        self._limit_name = "max_tokens"
        self._options: dict[str, Any] = {"stream_options": {"include_usage": True}}

    def complete(
        self, turn: Turn, messages: list[dict[str, Any]], tools: list[dict[str, Any]], *, deadline: float
    ) -> Generator[str, None, Completion]:
        """Yields the pieces of a text as they arrive; returns the whole completion.

        Raises:
            RequestFailed, MalformedStream, ProviderError: there is none, or not all of it.
            Refused: the provider does not want to answer.
            BudgetSpent: it has too few tokens left.
        """
        if not self._breaker.allows():
            raise RequestFailed("server is left alone after failures")
        try:
            completion = yield from self._try_twice(turn, messages, tools, deadline)
        except _NotAnswered as error:
            if error.status in _OF_THE_SERVER:
                self._breaker.failed()
            log.warning("model not reached", extra={"status": error.status})
            raise RequestFailed("server answered with an error") from error
        except (RequestFailed, MalformedStream, ProviderError) as error:
            self._breaker.failed()
            log.warning("no answer of the model", extra={"reason": str(error)})
            raise
        self._breaker.succeeded()
        return completion

    def _try_twice(
        self, turn: Turn, messages: list[dict[str, Any]], tools: list[dict[str, Any]], deadline: float
    ) -> Generator[str, None, Completion]:
        """A request is tried once more if the server has not begun to answer."""
        completion = Completion()
        try:
            yield from self._request(turn, self._body(messages, tools), completion, deadline)
            return completion
        except _NotAnswered as error:
            if error.pause is None:
                raise
            gevent.sleep(error.pause)
        except RequestFailed:
            if completion.has_begun:
                raise
        completion = Completion()
        yield from self._request(turn, self._body(messages, tools), completion, deadline)
        return completion

    def _request(self, turn: Turn, body: bytes, completion: Completion, deadline: float) -> Generator[str, None, None]:
        reserved = self.budget.reserve(turn, len(body.decode()) // _CHARACTERS_PER_TOKEN + self.max_tokens)
        if reserved is None:
            raise BudgetSpent
        has_answered = False
        try:
            with self._http.post(body, self._headers, deadline=deadline) as response:
                if response.status != 200:
                    raise self._error(response)
                has_answered = completion.has_begun = True
                yield from _read(response, completion)
        finally:
            self.budget.settle(reserved, _used(completion, reserved) if has_answered else 0)

    def _body(self, messages: list[dict[str, Any]], tools: list[dict[str, Any]]) -> bytes:
        request = {
            "model": self.model,
            "messages": messages,
            "stream": True,
            self._limit_name: self.max_tokens,
            **self._options,
        }
        if tools:
            request |= {"tools": tools, "tool_choice": "auto"}
        return orjson.dumps(request)

    def _error(self, response: StreamedResponse) -> Exception:
        status = response.status
        if status in (400, 422):
            reason = response.body()
            if b"content_filter" in reason:
                return Refused()
            return _NotAnswered(status, 0.0 if self._adapts(reason) else None)
        if status not in _RETRIED:
            return _NotAnswered(status, None)
        wanted = response.retry_after
        pause = self.pause if wanted is None else wanted
        return _NotAnswered(status, pause if pause <= _MAX_PAUSE else None)

    def _adapts(self, reason: bytes) -> bool:
        """Whether requests are different from now on, since the server has named what it does not know."""
        if b"max_completion_tokens" in reason and self._limit_name == "max_tokens":
            self._limit_name = "max_completion_tokens"
            return True
        if b"stream_options" in reason and self._options:
            self._options = {}
            return True
        return False


def _read(response: StreamedResponse, completion: Completion) -> Generator[str, None, None]:
    """
    Raises:
        MalformedStream: it is no completion, or it is cut: neither has the model ended, nor the server said so.
        ProviderError, RequestFailed: as for the stream.
    """
    if response.content_type == "application/json":  # a server that does not stream
        yield from completion.read(response.body().decode("utf-8", "replace"))
        if completion.finish is None:
            raise MalformedStream("completion without an end")
        return
    events = EventReader()
    try:
        for piece in response.pieces():
            for data in events.feed(piece):
                if data == DONE:
                    response.read_end()
                    return
                yield from completion.read(data)
        for data in events.end():
            if data == DONE:
                return
            yield from completion.read(data)
    except RequestFailed:
        if completion.finish is None:
            raise
    if completion.finish is None:
        raise MalformedStream("stream is cut")


def _used(completion: Completion, reserved: Reservation) -> int:
    if completion.prompt_tokens is None:
        return reserved.tokens
    return completion.prompt_tokens + (completion.completion_tokens or 0)
