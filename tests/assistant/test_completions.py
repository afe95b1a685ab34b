"""However a server misbehaves, the visitor gets one answer, and the tokens of each request are counted."""

from __future__ import annotations

import orjson
import pytest

from chatapp.assistant.budget import Reservation
from chatapp.assistant.port import Done, Line, Turn
from chatapp.infra.streaming_http import Clocks
from tests.assistant.asking import LAMP, Shop, ask, metric, turn
from tests.assistant.provider import (
    DONE,
    USAGE,
    Tokens,
    call,
    delta,
    event,
    fails,
    never_begins,
    provided,
    says,
    searches,
    stalls_after,
    streams,
    uses,
)
from tests.infra.scripted_server import Client, Script
from tests.servers import TIMEOUT

SHORT = 0.2  # seconds; only where a clock is expected to end the answer
HALF = delta(content="Here are several words that have left before the stream ends, and are shown. ") * 3


# The ways in which servers misbehave. What each answers, the reason of the end, how often it is asked, and the text.

TWO_CALLS = [
    call("search_items", {"query": "sofa"}, call_id="a"),
    call("search_items", {"query": "lamp"}, index=1, call_id="b"),
]


def pieces_of_calls() -> Script:
    """Two calls at once, cut into many chunks."""
    parts = [
        delta(
            tool_calls=[
                {
                    "index": index,
                    "id": f"id{index}",
                    "type": "function",
                    "function": {"name": "search_items", "arguments": ""},
                }
            ]
        )
        for index in (0, 1)
    ]
    for letters in zip('{"query":"sofa"}', '{"query":"lamp"}', strict=True):
        parts += [
            delta(tool_calls=[{"index": index, "function": {"arguments": letter}}])
            for index, letter in enumerate(letters)
        ]
    return streams(*parts, delta(finish="tool_calls"), DONE)


def without_index() -> Script:
    """Calls without an index, and `stop` as the reason."""
    parts = [call("search_items", {"query": query}, index=None, call_id=None) for query in ("sofa", "lamp")]
    return streams(delta(tool_calls=parts), delta(finish="stop"), DONE)


def one_chunk_with_objects() -> Script:
    """Everything in one chunk, arguments as objects."""
    parts = [
        {"id": query, "function": {"name": "search_items", "arguments": {"query": query}}} for query in ("sofa", "lamp")
    ]
    return streams(delta(tool_calls=parts, finish="stop"), DONE)


@pytest.mark.parametrize(
    "calls", [pieces_of_calls(), without_index(), one_chunk_with_objects(), searches("sofa", "lamp")]
)
def test_calls_in_any_form(calls: Script) -> None:
    shop = Shop()
    with provided(calls, says("Here.")) as provider:
        answer = ask(provider.adapter, turn(shop=shop))
    assert [search["text"] for search in shop.searches] == ["sofa", "lamp"]
    assert (answer.text, answer.cards) == ("Here.", (LAMP,))
    ids = [message["tool_call_id"] for message in provider.prompt(1) if message["role"] == "tool"]
    assert len(set(ids)) == 2 and all(ids)


def html(client: Client) -> None:
    client.respond(b"<html><body>Bad gateway</body></html>", content_type="text/html")


def nothing(client: Client) -> None:
    client.hang_up()


def whole_message(client: Client) -> None:
    message = {"role": "assistant", "content": "Hello, what do you need?"}
    body = {"object": "chat.completion", "choices": [{"message": message, "finish_reason": "stop"}], "usage": USAGE}
    client.respond(orjson.dumps(body))


USUAL = delta(content="Hello, what do you need?")
HELLO = "Hello, what do you need?"


@pytest.mark.parametrize(
    ("scripts", "reason", "requests", "text"),
    [
        ([says(HELLO)], "stop", 1, HELLO),
        ([says("สวัสดี", "ครับ คุณ", "ต้องการอะไร")], "stop", 1, "สวัสดีครับ คุณต้องการอะไร"),
        ([whole_message], "stop", 1, HELLO),
        ([streams(USUAL, delta(finish="stop"), event({"choices": None, "usage": USAGE}), DONE)], "stop", 1, HELLO),
        ([streams(delta("stop", content=HELLO))], "stop", 1, HELLO),  # no [DONE]
        ([streams(USUAL, DONE)], "stop", 1, HELLO),  # no reason
        ([streams(USUAL, DONE.rstrip())], "stop", 1, HELLO),
        ([streams(USUAL, delta("length"), DONE)], "length", 1, HELLO),
        ([streams(delta("length"), DONE)], "error", 1, ""),
        ([streams(USUAL, delta("content_filter"), DONE)], "refused", 1, HELLO),
        ([streams(delta(refusal="No."), DONE)], "refused", 1, ""),
        ([fails("400 Bad Request", body={"error": {"code": "content_filter"}})], "refused", 1, ""),
        ([fails("500 Internal Server Error")], "error", 2, ""),
        ([fails("500 Internal Server Error"), says(HELLO)], "stop", 2, HELLO),
        ([fails("429 Too Many Requests", "Retry-After: 0"), says(HELLO)], "stop", 2, HELLO),
        ([fails("429 Too Many Requests"), says(HELLO)], "stop", 2, HELLO),
        ([fails("429 Too Many Requests", "Retry-After: 60"), says(HELLO)], "error", 1, ""),
        ([fails("401 Unauthorized")], "error", 1, ""),
        ([fails("307 Temporary Redirect", "Location: /v2")], "error", 1, ""),
        ([nothing, says(HELLO)], "stop", 2, HELLO),
        ([nothing], "error", 2, ""),
        ([streams(USUAL, ends=False)], "error", 1, HELLO),  # the connection breaks
        ([streams(USUAL)], "error", 1, HELLO),  # it ends politely, but too early
        ([streams(USUAL, b"data: {\"choices\": [{\n\n")], "error", 1, HELLO),
        ([streams(USUAL, b"data: {}" + b" " * 300_000 + b"\n\n")], "error", 1, HELLO),
        ([streams(USUAL, event({"error": {"message": "overloaded"}}))], "error", 1, HELLO),
        ([html], "error", 1, ""),
        ([streams(DONE)], "error", 1, ""),  # not a word
        ([searches("sofa"), fails("500 Internal Server Error")], "error", 3, ""),
    ],
)  # fmt: skip
def test_what_servers_answer(scripts: list[Script], reason: str, requests: int, text: str) -> None:
    before = metric("chat_assistant_answers_total", adapter="openai", outcome=reason)
    with provided(*scripts) as provider:
        answer = ask(provider.adapter)
        assert (answer.done.reason, len(provider.server.requests), answer.text) == (reason, requests, text)
    assert metric("chat_assistant_answers_total", adapter="openai", outcome=reason) == before + 1


def test_a_stall_in_the_middle_keeps_what_was_said() -> None:
    with provided(stalls_after(HALF, USUAL), clocks=Clocks(silence=SHORT)) as provider:
        answer = ask(provider.adapter)
        assert answer.done.reason == "timeout"
        assert answer.text.startswith("Here are several words") and answer.text.endswith("what do you need?")
        assert provider.server.gone.wait(TIMEOUT)


def test_a_stall_after_the_end_changes_nothing() -> None:
    with provided(stalls_after(USUAL, delta(finish="stop")), clocks=Clocks(silence=SHORT)) as provider:
        assert ask(provider.adapter).done.reason == "stop"


def test_no_first_byte_is_tried_once_more() -> None:
    with provided(never_begins, clocks=Clocks(connect=SHORT / 2, first_byte=SHORT / 2)) as provider:
        answer = ask(provider.adapter)
        assert (answer.done.reason, len(provider.server.requests)) == ("timeout", 2)
    with provided(never_begins, says(HELLO), clocks=Clocks(connect=SHORT, first_byte=SHORT)) as provider:
        assert ask(provider.adapter).text == HELLO


def test_nobody_there() -> None:
    with provided(says(HELLO)) as provider:
        pass
    assert ask(provider.adapter).done == Done("error")


# Tokens


def test_tokens_are_reserved_before_and_settled_after_each_request() -> None:
    with provided(searches("sofa"), says("This one.")) as provider:
        ask(provider.adapter)
    sizes = [len(request.body.decode()) // 2 + 600 for request in provider.server.requests]
    assert provider.tokens.reserved == sizes
    assert provider.tokens.used == [110, 110]


def test_a_server_that_does_not_count_uses_the_reserve() -> None:
    with provided(streams(USUAL, delta(finish="stop"), DONE)) as provider:
        assert ask(provider.adapter).done.prompt_tokens is None
    assert provider.tokens.used == provider.tokens.reserved


def test_a_request_that_failed_uses_nothing() -> None:
    with provided(fails("429 Too Many Requests", "Retry-After: 0")) as provider:
        ask(provider.adapter)
    assert provider.tokens.used == [0, 0]


def test_without_tokens_nothing_is_sent() -> None:
    with provided(says(HELLO), tokens=Tokens(left=0)) as provider:
        answer = ask(provider.adapter)
        assert (answer.done, answer.text, provider.server.requests) == (Done("budget"), "", [])


class OneRequest(Tokens):
    """A budget that is spent after a request."""

    def reserve(self, turn: Turn, tokens: int) -> Reservation | None:
        """See the protocol."""
        return None if self.reserved else super().reserve(turn, tokens)


@pytest.mark.parametrize(("text", "reason"), [("I look for it. ", "length"), ("", "budget")])
def test_tokens_that_run_out_in_the_middle_end_the_answer(text: str, reason: str) -> None:
    with provided(uses(call("search_items", {"query": "sofa"}), text=text), tokens=OneRequest()) as provider:
        answer = ask(provider.adapter)
    assert (answer.text, answer.done.reason, len(provider.server.requests)) == (text, reason, 1)


# The circuit breaker


def test_a_server_that_keeps_failing_is_left_alone() -> None:
    with provided(fails("503 Service Unavailable", "Retry-After: 60")) as provider:
        for _ in range(7):
            assert ask(provider.adapter).done.reason == "error"
        assert len(provider.server.requests) == 5


def test_a_question_that_is_refused_leaves_the_server_in_use() -> None:
    refusal = fails("400 Bad Request", body={"error": {"message": "too long"}})
    with provided(*[refusal] * 7, says(HELLO)) as provider:
        for _ in range(7):
            assert ask(provider.adapter).done.reason == "error"
        assert ask(provider.adapter).text == HELLO


# Servers that do not know everything


@pytest.mark.parametrize(
    ("unknown", "instead"),
    [("stream_options", set()), ("max_tokens is not supported, use max_completion_tokens", {"max_completion_tokens"})],
)
def test_an_unknown_name_is_not_sent_again(unknown: str, instead: set[str]) -> None:
    refusal = fails("400 Bad Request", body={"error": {"message": f"Unsupported parameter: {unknown}"}})
    with provided(refusal, says(HELLO)) as provider:
        assert [ask(provider.adapter).text for _ in range(2)] == [HELLO, HELLO]
        first, *others = [set(request.json) for request in provider.server.requests]
    name = unknown.split()[0]
    assert name in first and others == [first - {name} | instead] * 2


def test_the_whole_url_is_accepted() -> None:
    history = (Line("visitor", "hello"),)
    with provided(says(HELLO)) as provider:
        provider.model.url = provider.server.url + "/openai/v1/chat/completions?api-version=2"
        provider.model.__post_init__()
        ask(provider.adapter, turn(history=history))
    assert provider.server.requests[0].line == "POST /openai/v1/chat/completions?api-version=2 HTTP/1.1"
