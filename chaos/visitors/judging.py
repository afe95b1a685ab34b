"""Judges what visitors were shown: each question has one answer, and no text that was shown is lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from chaos.visitors.view import Message, Shown, View
from chaos.visitors.visitor import Question

WHOLE, PARTIAL = "complete", "interrupted"


def problems(
    asked: Sequence[Question], history: Sequence[Message], since: Sequence[Message], views: Sequence[View]
) -> Iterator[str]:
    """Everything that is wrong with a session in which each answer was awaited before the next question.

    Parameters:
        history, since: as a server returns them.
        views: what the devices show.
    """
    yield from _wrong_answers(asked, history)
    if list(since) != list(history):
        yield f"since differs from the history: {_difference(since, history)}"
    highest: dict[str, int] = {}
    for view in views:
        for answer_id, shown in view.replaced.items():
            highest[answer_id] = max(shown.attempt, highest.get(answer_id, 0))
    answers = {message["answer_id"]: message for message in history if message["role"] == "assistant"}
    for view in views:
        yield from view.problems
        if view.ordered != list(history):
            yield f"a device differs from the history: {_difference(view.ordered, history)}"
        for answer_id, pieces in view.pieces.items():
            yield f"a device still shows an answer that goes on: {answer_id} {pieces}"
        yield from _lost_text(view.replaced, answers, highest)


def _wrong_answers(asked: Sequence[Question], history: Sequence[Message]) -> Iterator[str]:
    pairs = [(history[at], history[at + 1 : at + 2]) for at in range(0, len(history), 2)]
    for question, pair in zip_longest(asked, pairs):
        if question is None or pair is None:
            yield f"{len(asked)} questions, and {len(history)} messages"
            return
        message, answers = pair
        if (message["role"], message["content"]) != ("user", question.text):
            yield f"instead of {question.text!r}: {message}"
        if not answers:
            yield f"no answer to {question.text!r}"
        for answer in answers:
            said, status = answer["content"], answer["status"]
            is_right = (status == WHOLE and said == question.answer) or (
                status == PARTIAL and said and question.answer.startswith(said.rstrip())
            )
            if answer["role"] != "assistant" or not is_right:
                yield f"not the answer to {question.text!r}: {answer}"


def _lost_text(
    replaced: Mapping[str, Shown], answers: Mapping[str, Message], highest: Mapping[str, int]
) -> Iterator[str]:
    """A new attempt replaces what an earlier one has shown. What the last one has shown stays."""
    for answer_id, shown in replaced.items():
        said = answers[answer_id]["content"] if answer_id in answers else ""
        if shown.attempt == highest[answer_id] and not said.startswith(shown.text.rstrip()):
            yield f"lost: {shown} is not the beginning of {said!r}"


def _difference(one: Sequence[Message], other: Sequence[Message]) -> str:
    pairs = zip_longest(one, other)
    return next((f"message {at}: {pair}" for at, pair in enumerate(pairs) if pair[0] != pair[1]), "")
