"""A bot's answer is read whole or refused, and its parts are shown in their order, each once."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.assistant.bot_answers import MAX_TEXT, BotPart, MalformedAnswer, PartOrder, read_answer
from chatapp.assistant.port import ItemRef


def read(**answer: Any) -> BotPart:
    """An answer with these fields."""
    return read_answer(orjson.dumps(answer))


def test_an_answer_with_everything() -> None:
    assert read(
        text="Two sofas.",
        item_ids=[{"kind": "listing", "id": 1}, {"kind": "storefront_product", "id": 2}],
        choices=["cheaper"],
        wish={"cat": "sofa"},
        hand_over="asked for a human",
        model="ours",
    ) == BotPart(
        "Two sofas.",
        (ItemRef("listing", 1), ItemRef("storefront_product", 2)),
        ("cheaper",),
        None,
        {"cat": "sofa"},
        "asked for a human",
        is_done=True,
    )


@pytest.mark.parametrize("answer", [{"text": "a"}, {"item_ids": [{"kind": "listing", "id": 1}]}, {"hand_over": ""}])
def test_one_field_is_enough(answer: dict[str, Any]) -> None:
    assert read(**answer).is_done


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"text": "half',
        b"[]",
        b'"text"',
        b"null",
        b"{}",
        b"<html>ok</html>",
        b'{"text": " \\n"}',
        b'{"text": 5}',
        b'{"text": ["a"]}',
        b'{"text": "a", "item_ids": "listing:1"}',
        b'{"text": "a", "item_ids": ["listing:1"]}',
        b'{"text": "a", "item_ids": [{"kind": "listing"}]}',
        b'{"text": "a", "item_ids": [{"kind": "listing", "id": true}]}',
        b'{"text": "a", "item_ids": [{"kind": "listing", "id": -1}]}',
        b'{"text": "a", "item_ids": [{"kind": "listing", "id": 1e300}]}',
        b'{"text": "a", "choices": [""]}',
        b'{"text": "a", "choices": [5]}',
        b'{"text": "a", "wish": "sofa"}',
        b'{"text": "a", "hand_over": true}',
        b'{"choices": ["cheaper"]}',
        orjson.dumps({"text": "x" * (MAX_TEXT + 1)}),
        orjson.dumps({"text": "a", "item_ids": [{"kind": "listing", "id": 1}] * 21}),
        orjson.dumps({"text": "a", "wish": {"cat": "x" * 5000}}),
    ],
)
def test_nonsense_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedAnswer):
        read_answer(body)


@given(st.permutations(range(6)), st.lists(st.integers(0, 5), max_size=6))
def test_parts_are_shown_in_their_order_and_once(arrival: list[int], repeated: list[int]) -> None:
    order = PartOrder()
    arrived = [BotPart(str(index), index=index) for index in (*arrival, *repeated)]
    assert [part.text for one in arrived for part in order.add(one)] == list("012345")


def test_parts_without_an_index_are_shown_as_they_arrive() -> None:
    order = PartOrder()
    assert [part.text for text in "ba" for part in order.add(BotPart(text))] == ["b", "a"]


def test_parts_that_wait_are_bounded() -> None:
    order = PartOrder()
    assert [part for index in range(1, 1000) for part in order.add(BotPart(index=index))] == []
    assert len(list(order.add(BotPart(index=0)))) <= 101
