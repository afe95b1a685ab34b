"""However a language model misbehaves, each question has one answer in time, and the socket stays open."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from queue import Queue

import gevent
import pytest

from tests.assistant.provider import (
    DONE,
    call,
    delta,
    event,
    fails,
    never_begins,
    says,
    stalls_after,
    streams,
    uses,
)
from tests.flows.assistant.visitors import Visitor
from tests.infra.scripted_server import Client, Script, serving
from tests.people import Socket
from tests.servers import ChatServer, await_true, database_copy

SORRY = "Sorry, something went wrong. Please ask again."
LONG = "Here are several words that have left before the stream ends, and are shown. " * 3
SAID = delta(content=LONG)
NORMAL = ("complete", LONG.rstrip())
SEARCH = uses(call("search_items", {"query": "sofa"}))


def html(client: Client) -> None:
    client.respond(b"<html><body>Bad gateway</body></html>", content_type="text/html")


def endless(client: Client) -> None:
    """So slowly that the time of the answer is over before it is too long."""
    client.begin()
    word = delta(content="word ")
    client.repeat(b"%x\r\n%s\r\n" % (len(word), word), 0.05)


# By what the visitor asks: what the model does, and the status and beginning of the answer.
BEHAVIOURS: dict[str, tuple[Script, str, str]] = {
    "normal": (says(LONG), *NORMAL),
    "thai": (says("สวัสดี", "ครับ คุณ", "ต้องการอะไร"), "complete", "สวัสดีครับ คุณต้องการอะไร"),
    "choices-null": (streams(SAID, delta("stop"), event({"choices": None}), DONE), *NORMAL),
    "finish-with-content": (streams(delta("stop", content=LONG)), *NORMAL),
    "calls-for-ever": (SEARCH, "failed", SORRY),
    "call-without-index": (uses(call("search_items", {"query": "sofa"}, index=None, call_id=None)), "failed", SORRY),
    "call-with-nonsense": (uses(call("search_items", "{{{")), "failed", SORRY),
    "endless": (endless, "interrupted", "word word "),
    "stalls": (stalls_after(SAID), "interrupted", LONG[:50]),
    "never-begins": (never_begins, "failed", SORRY),
    "500": (fails("500 Internal Server Error"), "failed", SORRY),
    "429": (fails("429 Too Many Requests", "Retry-After: 1"), "failed", SORRY),
    "cut": (streams(SAID, ends=False), "interrupted", LONG[:50]),
    "bad-json": (streams(SAID, b'data: {"choices": [{\n\n'), "interrupted", LONG[:50]),
    "error-in-stream": (streams(SAID, event({"error": {"message": "overloaded"}})), "interrupted", LONG[:50]),
    "html": (html, "failed", SORRY),
}


def behave(client: Client) -> None:
    """Do what the visitor has asked for last."""
    said = [message["content"] for message in client.request.json["messages"] if message["role"] == "user"]
    BEHAVIOURS[str(said[-1]).split()[-1]][0](client)


@pytest.fixture(scope="module")
def model() -> Iterator[str]:
    """The URL of a model that misbehaves as asked, in a thread with a loop of its own."""
    urls: Queue[str] = Queue()
    is_over = threading.Event()

    def run() -> None:
        with serving(behave) as server:
            urls.put(server.url)
            while not is_over.is_set():
                gevent.sleep(0.05)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield urls.get()
    is_over.set()
    thread.join()


@pytest.fixture(scope="module")
def shop(
    environment: dict[str, str], postgres_url: str, tmp_path_factory: pytest.TempPathFactory, model: str
) -> Iterator[ChatServer]:
    """A server whose assistant is that model. An answer takes at most three seconds."""
    with database_copy(postgres_url) as url:
        changed = {
            "DATABASE_URL": url,
            "ASSISTANT": "openai",
            "ASSISTANT_FALLBACK": "none",
            "ASSISTANT_URL": f"{model}/v1",
            "ASSISTANT_MODEL": "a-model",
            "ASSISTANT_TIME": "3s",
            "ASSISTANT_TOKENS_PER_SESSION": "1000000",
        }
        server = ChatServer({**environment, **changed}, log=tmp_path_factory.mktemp("model") / "web.log")
        yield server
        server.stop()


@pytest.fixture(scope="module")
def visitor(shop: ChatServer) -> Iterator[Visitor]:
    opened = Visitor(shop)
    opened.says("please behave like normal")
    yield opened
    opened.leaves()


@pytest.fixture(scope="module")
def socket(visitor: Visitor) -> Socket:
    """One socket for all of it."""
    opened = visitor.connects()
    opened.requests({"type": "resume"}, "resumed")
    return opened


def answers(visitor: Visitor) -> list[tuple[str, str]]:
    reply = visitor.gets("/messages/since", since="2000-01-01T00:00:00Z", limit=500)
    assert reply.status == 200, reply.text
    return [(m["status"], m["content"]) for m in reply.json["messages"] if m["role"] == "assistant"]


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_a_question_has_one_answer(visitor: Visitor, socket: Socket, name: str) -> None:
    _, status, beginning = BEHAVIOURS[name]
    before = len(answers(visitor))
    # A good answer follows each: after several failures in a row a model is left alone.
    for asked, expected in ((name, (status, beginning)), ("normal", NORMAL)):
        message = visitor.says(f"please behave like {asked}")
        answer = socket.receives("assistant.message")["message"]
        while answer["seq"] < message["seq"]:  # to the question that opened the session
            answer = socket.receives("assistant.message")["message"]
        assert (answer["status"], answer["content"][: len(expected[1])]) == expected
    assert socket.pings()["type"] == "pong"
    assert len(answers(visitor)) - before in (2, 3)


def test_outcomes_are_counted(shop: ChatServer) -> None:
    def outcomes() -> set[str]:
        return set(
            re.findall(r'chat_assistant_answers_total\{[^}]*outcome="(\w+)"[^}]*\} [1-9]', shop.get("/metrics").text)
        )

    await_true(lambda: {"stop", "timeout", "error"} <= outcomes())


def test_without_tokens_the_catalogue_answers(start_server: Callable[..., ChatServer], model: str) -> None:
    server = start_server(
        ASSISTANT="openai", ASSISTANT_URL=f"{model}/v1", ASSISTANT_MODEL="a-model", ASSISTANT_TOKENS_PER_DAY="0"
    )
    opened = Visitor(server)
    socket = opened.connects()
    opened.says("please behave like normal")
    answer = socket.receives("assistant.message")["message"]
    assert answer["status"] == "complete" and answer["content"] != LONG.rstrip()
    opened.leaves()
