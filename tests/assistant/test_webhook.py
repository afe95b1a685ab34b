"""Whatever a bot does, the visitor gets one answer. Questions are signed, and repeated only where that may help."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import gevent
import orjson
import pytest

from chatapp.assistant.bot_answers import MAX_TEXT, BotPart
from chatapp.assistant.port import Choices, Done, HandOver, ItemRef, Line, Turn
from chatapp.assistant.supervision import Supervised
from chatapp.assistant.webhook import Webhook
from tests.assistant.asking import SOFA, Answer, ask, kinds, turn
from tests.assistant.post import Post
from tests.docs.examples import examples
from tests.infra.scripted_server import Client, Script, ScriptedServer, serving
from tests.servers import TIMEOUT

SECRET = "a secret of thirty-two characters"
SHORT = 0.2  # seconds; only where a clock is expected to end something
NO_PAUSES = (0.0, 0.0, 0.0)


@dataclass
class Bot:
    """A bot elsewhere, and the adapter that asks it."""

    server: ScriptedServer
    post: Post
    adapter: Supervised


@contextmanager
def asked_by(*scripts: Script, pauses: Sequence[float] = NO_PAUSES, taken_within: float = TIMEOUT) -> Iterator[Bot]:
    """A bot that responds by these scripts, the last one again and again."""
    with serving(*scripts) as server:
        post = Post()
        webhook = Webhook(server.url + "/hook/", SECRET, post, pauses=pauses, taken_within=taken_within)
        yield Bot(server, post, Supervised(webhook))


def answers(**answer: Any) -> Script:
    """A whole answer at once."""
    return lambda client: client.respond(orjson.dumps(answer))


def status(line: str, *headers: str) -> Script:
    """A response without an answer."""
    return lambda client: client.respond(b"{}", *headers, status=line)


ACCEPTED = status("202 Accepted")
HELLO = answers(text="Hello.")


def test_the_question() -> None:
    history = (Line("visitor", "a sofa"), Line("human", "I am Ana"), Line("visitor", "grey"))
    with asked_by(HELLO) as bot:
        ask(
            bot.adapter,
            turn(history=history, attempt=2, wish={"a": 1}, place=ItemRef("listing", 1), language="sr-Cyrl"),
        )
    (request,) = bot.server.requests
    assert request.line == "POST /hook/ HTTP/1.1"
    assert request.json == {
        "turn_id": 1001,
        "session_id": turn().session_id,
        "language": "sr-Cyrl",
        "messages": [
            {"role": "visitor", "content": "a sofa"},
            {"role": "human", "content": "I am Ana"},
            {"role": "visitor", "content": "grey"},
        ],
        "place": {"kind": "listing", "id": 1},
        "wish": {"a": 1},
    }
    assert request.headers["x-chatapp-delivery"] == "1001-2"
    moment, signed = (part.partition("=")[2] for part in request.headers["x-chatapp-signature"].split(","))
    expected = hmac.new(SECRET.encode(), f"{moment}.".encode() + request.body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(signed, expected)


def test_a_bot_verifies_the_signature_as_the_documentation_shows() -> None:
    (example,) = [example for example in examples("python") if example.page == "docs/assistant.md"]
    documented: dict[str, Any] = {}
    exec(example.text, documented)
    is_genuine = documented["is_genuine"]
    with asked_by(HELLO) as bot:
        ask(bot.adapter)
    (request,) = bot.server.requests
    header = request.headers["x-chatapp-signature"]
    moment = int(header.removeprefix("t=").partition(",")[0])
    assert is_genuine(SECRET, header, request.body, moment + 60)
    assert not is_genuine(SECRET, header, request.body + b" ", moment)
    assert not is_genuine(SECRET + "x", header, request.body, moment)
    assert not is_genuine(SECRET, header, request.body, moment + 600)


def test_an_answer_at_once() -> None:
    items = [{"kind": "listing", "id": 1}, {"kind": "listing", "id": 999}]
    with asked_by(answers(text="This\x00 one.", item_ids=items, choices=["cheaper"], wish={"b": 2})) as bot:
        answer = ask(bot.adapter)
    assert kinds(answer.steps) == ["State", "State", "Delta", "Cards", "Choices", "Done"]
    assert (answer.text, answer.cards) == ("This one.", (SOFA,))
    assert Choices(("cheaper",)) in answer.steps
    assert answer.done == Done("stop", {"b": 2})
    assert bot.post.turns == []


def test_a_human_is_called() -> None:
    with asked_by(answers(hand_over="wants a refund")) as bot:
        answer = ask(bot.adapter, turn(wish={"a": 1}))
    assert HandOver("wants a refund") in answer.steps and answer.done == Done("stop", {"a": 1})


def test_only_unknown_items_are_no_answer() -> None:
    with asked_by(answers(item_ids=[{"kind": "listing", "id": 999}])) as bot:
        assert ask(bot.adapter).done.reason == "error"


# Parts that come later


def asking(bot: Bot, asked: Turn | None = None) -> gevent.Greenlet[..., Answer]:
    """An answer that is being made; the bot has taken the question."""
    greenlet = gevent.spawn(ask, bot.adapter, asked or turn())
    assert bot.server.asked.wait(TIMEOUT)
    return greenlet


def test_an_answer_in_parts() -> None:
    with asked_by(ACCEPTED) as bot:
        answering = asking(bot)
        assert bot.post.turns == [1001]
        for part in (
            BotPart("one. ", index=1),
            BotPart("This ", index=0),
            BotPart("This ", index=0),
            BotPart(items=(ItemRef("listing", 1),), is_done=True, index=2, wish={"c": 3}),
        ):
            bot.post.parts.put(part)
        answer = answering.get(timeout=TIMEOUT)
    assert (answer.text, answer.cards, answer.done) == ("This one. ", (SOFA,), Done("stop", {"c": 3}))


def test_a_bot_may_answer_before_it_has_taken_the_question() -> None:
    def script(client: Client) -> None:
        bot.post.parts.put(BotPart("Quick.", is_done=True))
        ACCEPTED(client)

    with asked_by(script) as bot:
        assert ask(bot.adapter).text == "Quick."


def test_parts_that_do_not_end() -> None:
    with asked_by(ACCEPTED) as bot:
        bot.post.parts.put(BotPart("So far"))
        answer = ask(bot.adapter, turn(seconds=2 * SHORT))
        assert (answer.text, answer.done.reason) == ("So far", "timeout")
        assert ask(bot.adapter, turn(seconds=SHORT)).done == Done("timeout")


def test_parts_without_end_are_cut() -> None:
    with asked_by(ACCEPTED) as bot:
        for _ in range(3):
            bot.post.parts.put(BotPart("x" * (MAX_TEXT // 2)))
        answer = ask(bot.adapter)
    assert (len(answer.text), answer.done.reason) == (MAX_TEXT, "length")


def test_a_visitor_who_stops_closes_the_mailbox() -> None:
    with asked_by(ACCEPTED) as bot:
        bot.post.parts.put(BotPart("So far"))
        steps = bot.adapter.answer(turn())
        assert kinds([next(steps), next(steps), next(steps)]) == ["State", "State", "Delta"]
        steps.close()
        assert bot.post.turns == []


def test_a_greenlet_that_is_killed_closes_the_mailbox() -> None:
    with asked_by(ACCEPTED) as bot:
        answering = asking(bot)
        answering.kill()
        assert isinstance(answering.value, gevent.GreenletExit)
        assert bot.post.turns == []


# Bots that misbehave: what each responds, the reason of the end, and how often it is asked.


def body(content: bytes, content_type: str = "application/json") -> Script:
    """Any body."""
    return lambda client: client.respond(content, content_type=content_type)


def cut(client: Client) -> None:
    client.send(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"text": "half')
    client.hang_up()


def hangs_up(client: Client) -> None:
    client.hang_up()


def endless(client: Client) -> None:
    client.begin("application/json")
    client.repeat(b"400\r\n" + b" " * 1024 + b"\r\n")


@pytest.mark.parametrize(
    ("scripts", "reason", "requests"),
    [
        ([body(b"OK", "text/plain")], "error", 1),
        ([body(b'{"text": "half')], "error", 1),
        ([body(b"")], "error", 1),
        ([body(b'{"text": ""}')], "error", 1),
        ([cut], "error", 1),
        ([endless], "error", 1),
        ([status("204 No Content")], "error", 1),
        ([status("302 Found", "Location: http://169.254.169.254/")], "error", 1),
        ([status("400 Bad Request")], "error", 1),
        ([status("401 Unauthorized")], "error", 1),
        ([status("500 Internal Server Error")], "error", 4),
        ([status("503 Service Unavailable")] * 3 + [HELLO], "stop", 4),
        ([status("429 Too Many Requests")] * 2 + [HELLO], "stop", 3),
        ([status("429 Too Many Requests", "Retry-After: 0"), HELLO], "stop", 2),
        ([status("429 Too Many Requests", "Retry-After: 60"), HELLO], "error", 1),
        ([hangs_up, HELLO], "stop", 2),
        ([hangs_up], "error", 4),
    ],
)
def test_what_bots_respond(scripts: list[Script], reason: str, requests: int) -> None:
    with asked_by(*scripts) as bot:
        answer = ask(bot.adapter)
        assert (answer.done.reason, len(bot.server.requests)) == (reason, requests)
        assert answer.text == ("Hello." if reason == "stop" else "")
        assert {request.headers["x-chatapp-delivery"] for request in bot.server.requests} == {"1001-1"}
    assert bot.post.turns == []


def test_a_bot_that_does_not_respond() -> None:
    def silent(client: Client) -> None:
        client.wait_until_gone()

    with asked_by(silent, silent, HELLO, taken_within=SHORT) as bot:
        answer = ask(bot.adapter)
        assert (answer.text, len(bot.server.requests)) == ("Hello.", 3)
    with asked_by(silent, taken_within=SHORT, pauses=(0.0,)) as bot:
        assert (ask(bot.adapter).done.reason, len(bot.server.requests)) == ("timeout", 2)
    with asked_by(silent, taken_within=SHORT) as bot:
        assert ask(bot.adapter, turn(seconds=SHORT / 2)).done.reason == "timeout"
        assert len(bot.server.requests) == 1


def test_a_bot_that_is_away() -> None:
    with asked_by(HELLO) as bot:
        pass
    assert ask(bot.adapter).done == Done("error")


def test_a_pause_that_ends_after_the_deadline_is_not_waited_for() -> None:
    with asked_by(status("500 Internal Server Error"), pauses=(3600.0,)) as bot:
        assert ask(bot.adapter).done.reason == "error"
        assert len(bot.server.requests) == 1


def test_a_bot_that_keeps_failing_is_left_alone_for_a_while() -> None:
    with asked_by(status("500 Internal Server Error"), pauses=()) as bot:
        for _ in range(7):
            assert ask(bot.adapter).done.reason == "error"
        assert len(bot.server.requests) == 5
