"""Streamed completions in the format of OpenAI, as its many imitations really send them.

They differ: calls of tools without an index, in one chunk or many, with arguments as text or as an object; `stop` as
the reason although tools are called; chunks without choices; the usage in the last chunk or in each; a whole message
instead of a stream. So what has arrived counts, not what was announced.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from chatapp.assistant.sse import MAX_LINE, MalformedStream

DONE = "[DONE]"
MAX_CALLS = 4  # of tools in one completion; further ones are dropped
MAX_ARGUMENTS = 8000  # characters of one call
_MAX_SEEN_CALLS = 64  # a completion that names more is not serious


class ProviderError(Exception):
    """The server has reported an error within the stream."""


@dataclass
class Call:
    """A call of a tool, as far as it has arrived.

    Attributes:
        arguments: JSON, which may be invalid.
    """

    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass
class Completion:
    """What has arrived of a completion.

    Attributes:
        has_begun: the server has accepted the request.
        finish: why the model ended; None until it has.
        is_refused: the model or its provider did not want to answer.
        prompt_tokens, completion_tokens: None if the server has not counted.
    """

    has_begun: bool = False
    finish: str | None = None
    is_refused: bool = False
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    _calls: dict[object, Call] = field(default_factory=dict)
    _last_call: object = None

    @property
    def calls(self) -> list[Call]:
        """The calls of tools in their order, at most MAX_CALLS."""
        return list(self._calls.values())[:MAX_CALLS]

    def read(self, data: str) -> Iterator[str]:
        """Take in one event of the stream; yields the pieces of text in it.

        Raises:
            MalformedStream: it is no chunk of a completion.
            ProviderError: it is an error.
        """
        chunk = _parsed(data)
        self._count(chunk.get("usage"))
        for choice in _records(chunk.get("choices"))[:1]:
            delta = choice.get("delta") or choice.get("message")
            if isinstance(delta, dict):
                yield from _texts(delta.get("content"))
                self.is_refused = self.is_refused or bool(delta.get("refusal"))
                for position, part in enumerate(_records(delta.get("tool_calls"))):
                    self._add_call(part, position)
            if isinstance(reason := choice.get("finish_reason"), str):
                self.finish = reason
                self.is_refused = self.is_refused or reason == "content_filter"

    def _count(self, usage: object) -> None:
        if isinstance(usage, dict):
            self.prompt_tokens = _whole(usage.get("prompt_tokens"), self.prompt_tokens)
            self.completion_tokens = _whole(usage.get("completion_tokens"), self.completion_tokens)

    def _add_call(self, part: dict[str, Any], position: int) -> None:
        """Add a part to its call. Without an index, a part with an id or a name begins a call, and others go on."""
        function = part.get("function")
        function = function if isinstance(function, dict) else {}
        name, call_id = _text(function.get("name")), _text(part.get("id"))
        key: object = part.get("index")
        known = self._calls.get(key) if isinstance(key, int) else None
        if not isinstance(key, int) or (known and call_id and known.id and call_id != known.id):
            key = self._key_without_index(call_id, name, position)
        self._last_call = key
        if key not in self._calls and len(self._calls) == _MAX_SEEN_CALLS:
            raise MalformedStream("too many calls of tools")
        call = self._calls.setdefault(key, Call())
        call.id = call.id or call_id[:100]
        call.name = call.name or name[:100]
        arguments = function.get("arguments")
        call.arguments += arguments if isinstance(arguments, str) else _as_json(arguments)
        if len(call.arguments) > MAX_ARGUMENTS:
            raise MalformedStream("arguments of a tool are too long")

    def _key_without_index(self, call_id: str, name: str, position: int) -> object:
        last = self._calls.get(self._last_call)
        is_new = (
            last is None or (call_id and last.id and call_id != last.id) or (name and last.arguments and not call_id)
        )
        return ("call", len(self._calls)) if is_new or (position and name) else self._last_call


def _parsed(data: str) -> dict[str, Any]:
    if len(data) > MAX_LINE:
        raise MalformedStream("event is too long")
    try:
        chunk = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise MalformedStream("event is no JSON") from error
    if not isinstance(chunk, dict):
        raise MalformedStream("event is no object")
    if chunk.get("error"):
        raise ProviderError("error within the stream")
    return chunk


def _records(value: object) -> list[dict[str, Any]]:
    """The objects of a list; none of anything else."""
    return [record for record in value if isinstance(record, dict)] if isinstance(value, list) else []


def _texts(content: object) -> Iterator[str]:
    """The text of a message: a string, or a list of parts."""
    if isinstance(content, str):
        if content:
            yield content
        return
    for part in _records(content):
        if part.get("type") == "text" and (text := _text(part.get("text"))):
            yield text


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _whole(value: object, otherwise: int | None) -> int | None:
    return value if isinstance(value, int) and 0 <= value < 1 << 40 else otherwise


def _as_json(value: object) -> str:
    return orjson.dumps(value).decode() if isinstance(value, dict) else ""
