"""A server with the API of OpenAI that behaves and misbehaves in the ways of real ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

from chatapp.assistant.budget import Reservation
from chatapp.assistant.completions import Completions
from chatapp.assistant.openai import Limits, OpenAI
from chatapp.assistant.port import Turn
from chatapp.assistant.supervision import Supervised
from chatapp.clock import now
from chatapp.infra.streaming_http import Clocks
from tests.infra.scripted_server import Client, Script, ScriptedServer, serving

USAGE = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}


def event(chunk: object) -> bytes:
    """A server-sent event."""
    return b"data: " + orjson.dumps(chunk) + b"\n\n"


def delta(finish: str | None = None, **fields: Any) -> bytes:
    """A usual event."""
    return event(
        {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": fields, "finish_reason": finish}]}
    )


def call(name: str, arguments: object, *, index: int | None = 0, call_id: str | None = "call00001") -> dict[str, Any]:
    """A call of a tool, in one part."""
    written = arguments if isinstance(arguments, str) else orjson.dumps(arguments).decode()
    part: dict[str, Any] = {"type": "function", "function": {"name": name, "arguments": written}}
    return part | ({} if index is None else {"index": index}) | ({} if call_id is None else {"id": call_id})


DONE = b"data: [DONE]\n\n"


def streams(*events: bytes, ends: bool = True) -> Script:
    """A stream of these events, each in a chunk of its own."""

    def script(client: Client) -> None:
        client.begin("text/event-stream; charset=utf-8")
        for one in events:
            client.chunk(one)
        if ends:
            client.end()
        else:
            client.hang_up()

    return script


def says(*texts: str) -> Script:
    """An answer in words, as OpenAI streams it."""
    return streams(
        delta(role="assistant", content=""),
        *(delta(content=text) for text in texts),
        delta(finish="stop"),
        event({"choices": [], "usage": USAGE}),
        DONE,
    )


def searches(*queries: str, **arguments: Any) -> Script:
    """A completion that calls the search, once for each query."""
    calls = [
        call("search_items", {"query": query, **arguments}, index=index, call_id=f"call{index:05}")
        for index, query in enumerate(queries)
    ]
    return uses(*calls)


def uses(*calls: dict[str, Any], text: str = "") -> Script:
    """A completion that calls tools."""
    return streams(
        *([delta(content=text)] if text else []),
        *(delta(tool_calls=[part]) for part in calls),
        delta(finish="tool_calls"),
        event({"choices": [], "usage": USAGE}),
        DONE,
    )


def fails(status: str, *headers: str, body: object = None) -> Script:
    """An answer that is an error."""
    return lambda client: client.respond(orjson.dumps(body or {"error": {"message": "no"}}), *headers, status=status)


def endless(client: Client) -> None:
    """Words until the client closes."""
    client.begin()
    word = delta(content="word ")
    client.repeat(b"%x\r\n%s\r\n" % (len(word), word), 0.001)


def stalls_after(*events: bytes) -> Script:
    """A stream that stops in the middle and stays open."""

    def script(client: Client) -> None:
        client.begin()
        for one in events:
            client.chunk(one)
        client.wait_until_gone()

    return script


def never_begins(client: Client) -> None:
    """No byte at all."""
    client.wait_until_gone()


@dataclass
class Tokens:
    """A budget that counts.

    Attributes:
        left: tokens.
        reserved: of every request.
        used: of every request that was settled.
    """

    left: int = 1_000_000
    reserved: list[int] = field(default_factory=list)
    used: list[int] = field(default_factory=list)

    def reserve(self, turn: Turn, tokens: int) -> Reservation | None:
        """See the protocol."""
        if tokens > self.left:
            return None
        self.left -= tokens
        self.reserved.append(tokens)
        return Reservation(turn, tokens, now().date())

    def settle(self, reservation: Reservation, used: int) -> None:
        """See the protocol."""
        self.left += reservation.tokens - used
        self.used.append(used)


@dataclass
class Provider:
    """The server, and an adapter that asks it."""

    server: ScriptedServer
    model: Completions
    adapter: Supervised
    tokens: Tokens

    def prompt(self, number: int = 0) -> list[dict[str, Any]]:
        """The messages of a request."""
        messages: list[dict[str, Any]] = self.server.requests[number].json["messages"]
        return messages


@contextmanager
def provided(
    *scripts: Script,
    clocks: Clocks | None = None,
    limits: Limits | None = None,
    tokens: Tokens | None = None,
    hosts: Iterable[str] = ("shop.example",),
) -> Iterator[Provider]:
    """An adapter whose model answers by these scripts, the last one again and again."""
    with serving(*scripts) as server:
        budget = tokens or Tokens()
        model = Completions(server.url + "/v1", "key-1", "a-model", budget, clocks=clocks or Clocks(), pause=0.0)
        adapter = OpenAI(model, frozenset(hosts), limits or Limits())
        yield Provider(server, model, Supervised(adapter), budget)
