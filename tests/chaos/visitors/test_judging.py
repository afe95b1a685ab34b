"""The judge accepts a right session, and finds each defect that is put into one."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from chaos.visitors.judging import problems
from chaos.visitors.view import Message, Shown, View
from chaos.visitors.visitor import Question

ASKED = (Question(3, 50, "q0"), Question(3, 50, "q1"))


def message(seq: int, content: str, status: str = "complete") -> Message:
    is_answer = seq % 2 == 0
    return {
        "id": f"m{seq}",
        "seq": seq,
        "role": "assistant" if is_answer else "user",
        "status": status,
        "content": content,
        "answer_id": f"a{seq}" if is_answer else None,
    }


class Session:
    """What two devices and a server have after two questions."""

    def __init__(self) -> None:
        self.history = [
            message(1, ASKED[0].text),
            message(2, ASKED[0].answer),
            message(3, ASKED[1].text),
            message(4, "q1n0 q1n1", "interrupted"),
        ]
        self.since = copy.deepcopy(self.history)
        self.views = [View(), View()]
        for view in self.views:
            view.messages = {shown["id"]: copy.deepcopy(shown) for shown in self.history}
            view.replaced = {"a2": Shown(1, 2, "q0n0 q0n1 "), "a4": Shown(2, 2, "q1n0 q1n1 ")}

    def everywhere(self, change: Callable[[list[Message]], Any]) -> None:
        """Change the messages of the server and of all devices."""
        for messages in (self.history, self.since):
            change(messages)
        for view in self.views:
            view.messages = {shown["id"]: shown for shown in self.history}

    def problems(self) -> list[str]:
        return list(problems(ASKED, self.history, self.since, self.views))


def insert_second_answer(messages: list[Message]) -> None:
    messages.insert(2, {**message(2, ASKED[0].answer), "id": "again", "seq": 2.5})


def test_a_right_session_has_no_problem() -> None:
    session = Session()
    assert session.problems() == []
    session.views[0].replaced["a4"] = Shown(1, 3, "q1n0 q1n1 q1n2")  # of an attempt that another one has replaced
    assert session.problems() == []


@pytest.mark.parametrize(
    ("defect", "found"),
    [
        (lambda s: s.everywhere(insert_second_answer), "instead of"),
        (lambda s: s.everywhere(lambda messages: messages.pop()), "no answer to"),
        (lambda s: s.everywhere(lambda messages: messages[1].update(content="q0n0 q0n1 q0n2 q0n2")), "not the answer"),
        (lambda s: s.everywhere(lambda messages: messages[1].update(content="q0n0 q0n1")), "not the answer"),
        (lambda s: s.everywhere(lambda messages: messages[3].update(content="", status="failed")), "not the answer"),
        (lambda s: s.everywhere(lambda messages: messages[3].update(content="q1n0")), "lost"),
        (lambda s: s.since.pop(), "since differs"),
        (lambda s: s.views[0].messages.pop("m4"), "a device differs"),
        (lambda s: s.views[1].messages["m2"].update(content="other"), "a device differs"),
        (lambda s: s.views[0].pieces.update(a9=Shown(1, 1, "q")), "a device still shows"),
        (lambda s: s.views[0].problems.append("received twice"), "received twice"),
    ],
)
def test_a_defect_is_found(defect: Callable[[Session], Any], found: str) -> None:
    session = Session()
    defect(session)
    assert any(problem.startswith(found) for problem in session.problems()), session.problems()
