"""Whatever an adapter does, an answer has one end; a second adapter answers if the first one shows nothing."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import gevent
import pytest

from chatapp.assistant.port import Cards, Delta, Done, HandOver, State, Step, Turn
from chatapp.assistant.supervision import Supervised, WithFallback
from tests.assistant.asking import SOFA, ask, metric, turn


class Scripted:
    """An adapter that takes these steps; an exception among them is raised."""

    def __init__(self, *steps: Step | BaseException, name: str = "openai") -> None:
        self.name = name
        self.is_closed = False
        self._steps = steps

    def answer(self, turn: Turn) -> Generator[Step, None, None]:
        """See the port."""
        try:
            for step in self._steps:
                if isinstance(step, BaseException):
                    raise step
                yield step
        finally:
            self.is_closed = True


def answers(outcome: str, adapter: str = "openai") -> float:
    """How many answers have been counted with this outcome."""
    return metric("chat_assistant_answers_total", adapter=adapter, outcome=outcome)


def test_steps_pass_unchanged_and_are_counted() -> None:
    steps = (State("searching"), Delta("Here"), Cards((SOFA,), 1), Done("stop", {"cat": "sofa"}, 12, 3))
    before, tokens = answers("stop"), metric("chat_assistant_tokens_total", kind="prompt")
    assert ask(Supervised(Scripted(*steps))).steps == steps
    assert answers("stop") == before + 1
    assert metric("chat_assistant_tokens_total", kind="prompt") == tokens + 12


@pytest.mark.parametrize(
    "steps",
    [(), (Delta("a"),), (Delta("a"), RuntimeError("defect")), (KeyError("x"),)],
    ids=["nothing", "no end", "raises later", "raises at once"],
)
def test_an_answer_without_an_end_is_an_error(steps: tuple[Any, ...]) -> None:
    before = answers("error")
    answer = ask(Supervised(Scripted(*steps)))
    assert answer.done == Done("error")
    assert answer.text == "a" * any(isinstance(step, Delta) for step in steps)
    assert answers("error") == before + 1


def test_nothing_follows_the_end() -> None:
    adapter = Scripted(Done("stop"), Delta("late"), Done("error"))
    assert ask(Supervised(adapter)).steps == (Done("stop"),)
    assert adapter.is_closed


@pytest.mark.parametrize("killed_by", [gevent.GreenletExit(), gevent.Timeout(None)])
def test_what_kills_the_caller_is_raised(killed_by: BaseException) -> None:
    before = answers("stopped")
    with pytest.raises(type(killed_by)):
        list(Supervised(Scripted(Delta("a"), killed_by)).answer(turn()))
    assert answers("stopped") == before + 1


def test_a_caller_that_closes_ends_the_adapter() -> None:
    adapter, spare = Scripted(Delta("a"), Delta("b"), Done("stop")), Scripted(Done("stop"))
    steps = WithFallback(Supervised(adapter), spare).answer(turn())
    assert next(steps) == Delta("a")
    steps.close()
    assert adapter.is_closed


@pytest.mark.parametrize("reason", ["error", "timeout", "refused", "budget"])
def test_the_second_adapter_answers_where_the_first_failed(reason: Any) -> None:
    first = Scripted(State("thinking"), Done(reason, prompt_tokens=40, completion_tokens=0))
    second = Scripted(Delta("From the catalogue"), Done("stop", {"cat": "sofa"}), name="catalog")
    before = answers(reason), answers("stop", "catalog")
    answer = ask(WithFallback(Supervised(first), Supervised(second)))
    assert answer.text == "From the catalogue"
    assert answer.done == Done("stop", {"cat": "sofa"}, 40, 0)
    assert (answers(reason), answers("stop", "catalog")) == (before[0] + 1, before[1] + 1)


@pytest.mark.parametrize("shown", [Delta("So far"), Cards((SOFA,), 1), HandOver("asked for a human")])
def test_the_second_adapter_keeps_out_of_an_answer_that_was_shown(shown: Step) -> None:
    answer = ask(WithFallback(Scripted(shown, Done("timeout")), Scripted(Delta("Again"), Done("stop"))))
    assert answer.steps == (shown, Done("timeout"))


def test_the_second_adapter_keeps_out_of_an_answer_that_is_whole() -> None:
    answer = ask(WithFallback(Scripted(Done("stop")), Scripted(Delta("Again"), Done("stop"))))
    assert answer.steps == (Done("stop"),)
