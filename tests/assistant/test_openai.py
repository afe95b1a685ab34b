"""Whatever a model and its server do, the visitor gets one answer: true cards, no invented price, one end."""

from __future__ import annotations

import gevent
import orjson
import pytest

from chatapp.assistant.openai import Limits
from chatapp.assistant.port import Cards, Done, HandOver, ItemRef, State
from tests.assistant.asking import BOOK, SOFA, Shop, ask, kinds, turn
from tests.assistant.provider import (
    call,
    delta,
    endless,
    provided,
    says,
    searches,
    stalls_after,
    uses,
)
from tests.servers import TIMEOUT

SHORT = 0.2  # seconds; only where a clock is expected to end the answer
HALF = delta(content="Here are several words that have left before the stream ends, and are shown. ") * 3


def test_an_answer_in_words() -> None:
    with provided(says("Hello. ", "What are you ", "looking for?")) as provider:
        answer = ask(provider.adapter)
    assert kinds(answer.steps) == ["State", "State", "Delta", "Done"]
    assert [step.state for step in answer.steps if isinstance(step, State)] == ["thinking", "generating"]
    assert answer.text == "Hello. What are you looking for?"
    assert answer.done == Done("stop", None, 100, 10)


def test_the_request() -> None:
    with provided(says("Hello.")) as provider:
        ask(provider.adapter, turn("Ищу большой диван для гостиной", language="ru"))
    (request,) = provider.server.requests
    assert request.line == "POST /v1/chat/completions HTTP/1.1"
    assert request.headers["authorization"] == "Bearer key-1"
    sent = request.json
    assert (sent["model"], sent["stream"], sent["max_tokens"]) == ("a-model", True, 600)
    assert [tool["function"]["name"] for tool in sent["tools"]] == ["search_items", "hand_over"]
    assert [message["role"] for message in sent["messages"]] == ["system", "user"]
    assert "in Russian," in sent["messages"][0]["content"]
    asked = orjson.dumps(sent).decode()
    assert turn().session_id not in asked and "1001" not in asked  # no ids of people, sessions or turns leave


def test_an_answer_with_a_search() -> None:
    shop = Shop()
    with provided(searches("grey sofa", max_price=300), says("This one fits.")) as provider:
        answer = ask(provider.adapter, turn("a grey sofa", shop=shop))
    assert [search["text"] for search in shop.searches] == ["grey sofa"]
    assert answer.text == "This one fits."
    assert answer.cards == (SOFA,)
    assert [step.state for step in answer.steps if isinstance(step, State)] == ["thinking", "searching", "generating"]
    assert answer.done == Done("stop", None, 200, 20)
    assistant, result = provider.prompt(1)[-2:]
    assert assistant["tool_calls"][0]["id"] == result["tool_call_id"] == "call00000"
    assert orjson.loads(result["content"])["items"][0]["id"] == "listing:1"
    assert "in English," in provider.prompt(1)[0]["content"]


def test_the_cards_are_those_of_the_last_search_that_found_anything() -> None:
    with provided(searches("sofa", "lamp", "piano"), searches("book"), searches("piano"), says("A book.")) as provider:
        answer = ask(provider.adapter)
    assert answer.cards == (BOOK,)
    assert [type(step) for step in answer.steps].count(Cards) == 1


def test_the_wish_of_the_turn_is_kept() -> None:
    with provided(says("Hello.")) as provider:
        assert ask(provider.adapter, turn(wish={"cat": "sofa"})).done.wish == {"cat": "sofa"}


def test_items_that_the_visitor_sees_are_known_to_the_model() -> None:
    asked = turn("compare them", place=ItemRef("listing", 2), shown=(ItemRef("listing", 1), ItemRef("listing", 2)))
    with provided(says("The sofa costs 263 €, the lamp 1299,50 руб. or 7 €.")) as provider:
        answer = ask(provider.adapter, asked)
    assert answer.text == "The sofa costs 263 €, the lamp 1299,50 руб. or …."
    assert answer.cards == ()
    assert [item["id"] for item in orjson.loads(provider.prompt()[-1]["content"])["items"]] == [
        "listing:2",
        "listing:1",
    ]


def test_a_human_is_called() -> None:
    with provided(uses(call("hand_over", {"reason": "wants a refund"}), text="I call a colleague.")) as provider:
        answer = ask(provider.adapter)
    assert answer.text == "I call a colleague."
    assert [step for step in answer.steps if isinstance(step, HandOver)] == [HandOver("wants a refund")]
    assert answer.done.reason == "stop"
    assert len(provider.server.requests) == 1


@pytest.mark.parametrize(
    ("name", "arguments", "problem"),
    [
        ("search_items", {"query": "sofa", "seller_id": 1}, "Unknown argument."),
        ("search_items", '{"query":"so', "The arguments are not valid JSON."),
        ("delete_items", {}, "There is no such tool."),
    ],
)
def test_the_model_can_correct_a_wrong_call(name: str, arguments: object, problem: str) -> None:
    shop = Shop()
    with provided(uses(call(name, arguments)), searches("sofa"), says("This one.")) as provider:
        answer = ask(provider.adapter, turn(shop=shop))
    assert provider.prompt(1)[-1]["content"].startswith(problem)
    orjson.loads(provider.prompt(1)[-2]["tool_calls"][0]["function"]["arguments"])
    assert (answer.cards, len(shop.searches)) == ((SOFA,), 1)


def test_reasoning_is_not_shown() -> None:
    with provided(says("<think>The visitor ", "greets.</think>", "\n\nHello.")) as provider:
        assert ask(provider.adapter).text == "Hello."


def test_asking_tools_for_ever() -> None:
    shop = Shop()
    with provided(searches("piano")) as provider:
        answer = ask(provider.adapter, turn(shop=shop))
    assert (answer.done.reason, answer.text, answer.cards) == ("error", "", ())
    assert len(shop.searches) == 3
    assert ["tools" in request.json for request in provider.server.requests] == [True, True, True, False]


def test_an_endless_answer_ends_with_the_limit_of_characters() -> None:
    with provided(endless, limits=Limits(characters=400)) as provider:
        answer = ask(provider.adapter)
        assert answer.done.reason == "length"
        assert answer.text == ("word " * 80)[:400]
        assert provider.server.gone.wait(TIMEOUT)
    assert provider.tokens.used == provider.tokens.reserved  # the server had no chance to count


def test_an_endless_answer_ends_with_the_limit_of_time() -> None:
    with provided(endless, limits=Limits(seconds=2 * SHORT, characters=10**9)) as provider:
        answer = ask(provider.adapter)
        assert answer.done.reason == "timeout"
        assert answer.text.startswith("word word ")
        assert provider.server.gone.wait(TIMEOUT)


def test_the_deadline_of_the_turn_counts_too() -> None:
    with provided(endless, limits=Limits(characters=10**9)) as provider:
        assert ask(provider.adapter, turn(seconds=SHORT)).done.reason == "timeout"


def test_a_visitor_who_stops_ends_the_request() -> None:
    with provided(stalls_after(HALF)) as provider:
        steps = provider.adapter.answer(turn())
        assert kinds([next(steps), next(steps), next(steps)]) == ["State", "State", "Delta"]
        steps.close()
        assert provider.server.gone.wait(TIMEOUT)
    assert provider.tokens.used == provider.tokens.reserved


def test_a_greenlet_that_is_killed_ends_the_request() -> None:
    with provided(stalls_after(HALF)) as provider:
        answering = gevent.spawn(lambda: list(provider.adapter.answer(turn())))
        assert provider.server.asked.wait(TIMEOUT)
        answering.kill()
        assert isinstance(answering.value, gevent.GreenletExit)
        assert provider.server.gone.wait(TIMEOUT)
