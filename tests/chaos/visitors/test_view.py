"""What a client shows after each frame."""

from __future__ import annotations

from typing import Any

import pytest

from chaos.visitors.view import Shown, View

Frame = dict[str, Any]


def delta(index: int, text: str, attempt: int = 1) -> Frame:
    return {"type": "assistant.delta", "answer_id": "a", "attempt": attempt, "index": index, "delta": text}


def partial(index: int, text: str, attempt: int = 1) -> Frame:
    return {"type": "assistant.partial", "answer_id": "a", "attempt": attempt, "index": index, "text": text}


def message(seq: int, content: str, answer_id: str | None = "a") -> Frame:
    role = "user" if answer_id is None else "assistant"
    return {"id": f"m{seq}", "seq": seq, "role": role, "content": content, "answer_id": answer_id}


def shown_after(*frames: Frame) -> View:
    view = View()
    for frame in frames:
        view.take(frame)
    return view


@pytest.mark.parametrize(
    ("frames", "shown"),
    [
        ((delta(1, "one "), delta(2, "two ")), Shown(1, 2, "one two ")),
        ((delta(1, "one "), delta(1, "one ")), Shown(1, 1, "one ")),
        ((delta(1, "one "), delta(3, "three ")), Shown(1, 1, "one ")),
        ((delta(3, "three "), partial(3, "one two three "), delta(4, "four ")), Shown(1, 4, "one two three four ")),
        ((delta(2, "two "), partial(2, "one two ")), Shown(1, 2, "one two ")),
        ((delta(1, "one "), partial(1, "one "), partial(0, "")), Shown(1, 1, "one ")),
        ((delta(1, "one "), delta(1, "new ", attempt=2), delta(2, "two ")), Shown(2, 1, "new ")),
        ((delta(1, "one "), partial(0, "", attempt=2)), Shown(2, 0, "one ")),
        ((delta(1, "one "), partial(0, "", attempt=2), delta(1, "new ", attempt=2)), Shown(2, 1, "new ")),
        ((delta(1, "one "), delta(2, "new ", attempt=2)), Shown(1, 1, "one ")),
    ],
)
def test_pieces_become_a_text(frames: tuple[Frame, ...], shown: Shown) -> None:
    assert shown_after(*frames).pieces == {"a": shown}


def test_a_message_replaces_its_pieces() -> None:
    view = shown_after(delta(1, "one "), {"type": "assistant.message", "message": message(2, "one two")})
    assert (view.pieces, view.replaced, view.last_id) == ({}, {"a": Shown(1, 1, "one ")}, "m2")
    view.take({"type": "resumed", "messages": [message(1, "question", None), message(2, "one two")]})
    assert [shown["id"] for shown in view.ordered] == ["m1", "m2"]
    assert [shown["id"] for shown in view.answers] == ["m2"]
    assert view.problems == []


def test_what_no_client_should_receive_is_noted() -> None:
    done = {"type": "assistant.message", "message": message(2, "one two")}
    view = shown_after(done, done, delta(3, "late"), {"type": "error", "error": "no"})
    assert [problem.partition(":")[0] for problem in view.problems] == [
        "received twice",
        "a piece after its message",
        "refused",
    ]
    view = shown_after(done)
    view.connected()
    view.take(done)
    assert view.problems == []
