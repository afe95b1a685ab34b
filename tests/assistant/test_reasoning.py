"""What a model thinks before it answers is left out."""

from __future__ import annotations

import pytest

from chatapp.assistant.reasoning import ReasoningFilter


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Here are two sofas.", "Here are two sofas."),
        ("<think>The visitor wants a sofa.</think>\n\nHere are two.", "\n\nHere are two."),
        ("\n <think></think>Two <think>", "Two <think>"),
        ("<think>It never ends", ""),
        ("<thin", "<thin"),
        ("<thinking about it>", "<thinking about it>"),
        ("<b>Two</b> </think>", "<b>Two</b> </think>"),
        ("", ""),
    ],
)
def test_only_the_answer_is_left(text: str, answer: str) -> None:
    for pieces in ([text], [*text]):
        reasoning = ReasoningFilter()
        assert "".join([*map(reasoning.feed, pieces), reasoning.end()]) == answer
