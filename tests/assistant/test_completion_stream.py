"""Completions are read from the streams of servers that claim the format of OpenAI."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.assistant.completion_stream import MAX_ARGUMENTS, MAX_CALLS, Call, Completion, ProviderError
from chatapp.assistant.sse import MalformedStream


def delta(finish: str | None = None, **fields: Any) -> dict[str, Any]:
    """A usual chunk."""
    return {"choices": [{"index": 0, "delta": fields, "finish_reason": finish}]}


def call(arguments: Any = None, **fields: Any) -> dict[str, Any]:
    """A part of a call of a tool."""
    function = {key: fields.pop(key) for key in ("name",) if key in fields}
    if arguments is not None:
        function["arguments"] = arguments
    return {"type": "function", "function": function, **fields}


def read(*chunks: object) -> tuple[Completion, str]:
    """A completion, and its text."""
    completion = Completion()
    return completion, "".join(text for chunk in chunks for text in completion.read(orjson.dumps(chunk).decode()))


def test_text_and_its_end() -> None:
    completion, text = read(
        delta(role="assistant", content=""), delta(content="Вот "), delta(content="โซฟา"), delta(finish="stop")
    )
    assert (text, completion.finish, completion.calls, completion.prompt_tokens) == ("Вот โซฟา", "stop", [], None)


@pytest.mark.parametrize(
    "last",
    [
        {"choices": None, "usage": {"prompt_tokens": 9, "completion_tokens": 2}},
        {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 2}},
        {"usage": {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}},
        {"choices": [{"delta": None, "finish_reason": None}], "usage": {"prompt_tokens": 9, "completion_tokens": 2}},
    ],
)
def test_the_last_chunk_has_the_usage(last: dict[str, Any]) -> None:
    completion, text = read(delta(content="a", finish="stop"), last)
    assert (text, completion.finish) == ("a", "stop")
    assert (completion.prompt_tokens, completion.completion_tokens) == (9, 2)


def test_usage_in_each_chunk_is_the_latest() -> None:
    usages = ({"prompt_tokens": 9, "completion_tokens": count} for count in (1, 2, 3))
    completion, _ = read(*({**delta(content="a"), "usage": usage} for usage in usages))
    assert completion.completion_tokens == 3


@pytest.mark.parametrize("usage", [{"prompt_tokens": -1}, {"prompt_tokens": "9"}, [9], "9", {"prompt_tokens": 1 << 50}])
def test_usage_that_is_no_number_counts_nothing(usage: object) -> None:
    completion, _ = read({"choices": [], "usage": usage})
    assert completion.prompt_tokens is None


TWO = [Call("a", "search_items", '{"query":"sofa"}'), Call("b", "search_items", '{"query":"lamp"}')]


@pytest.mark.parametrize(
    "chunks",
    [
        [  # as OpenAI sends them
            delta(tool_calls=[call("", index=0, id="a", name="search_items")]),
            delta(tool_calls=[call('{"query":', index=0)]),
            delta(tool_calls=[call('"sofa"}', index=0)]),
            delta(tool_calls=[call("", index=1, id="b", name="search_items")]),
            delta(tool_calls=[call('{"query":"lamp"}', index=1)]),
            delta(finish="tool_calls"),
        ],
        [  # side by side
            delta(
                tool_calls=[
                    call("", index=0, id="a", name="search_items"),
                    call("", index=1, id="b", name="search_items"),
                ]
            ),
            delta(tool_calls=[call('{"query":"so', index=0), call('{"query":"la', index=1)]),
            delta(tool_calls=[call('fa"}', index=0), call('mp"}', index=1)]),
        ],
        [  # without index
            delta(tool_calls=[call('{"query":', id="a", name="search_items")]),
            delta(tool_calls=[call('"sofa"}')]),
            delta(tool_calls=[call('{"query":"lamp"}', id="b", name="search_items")], finish="stop"),
        ],
        [  # whole, arguments as objects
            delta(
                finish="stop",
                tool_calls=[
                    call({"query": "sofa"}, id="a", name="search_items"),
                    call({"query": "lamp"}, id="b", name="search_items"),
                ],
            )
        ],
        [  # always index 0
            delta(tool_calls=[call('{"query":"sofa"}', index=0, id="a", name="search_items")]),
            delta(tool_calls=[call('{"query":"lamp"}', index=0, id="b", name="search_items")]),
        ],
        [  # id and name in each part
            delta(tool_calls=[call('{"query":', id="a", name="search_items")]),
            delta(tool_calls=[call('"sofa"}', id="a", name="search_items")]),
            delta(tool_calls=[call('{"query":"lamp"}', id="b", name="search_items")]),
        ],
        [  # a message instead of a stream
            {
                "object": "chat.completion",
                "choices": [
                    {
                        "message": {
                            "role": "assistant",
                            "content": None,
                            "tool_calls": [
                                call('{"query":"sofa"}', id="a", name="search_items"),
                                call('{"query":"lamp"}', id="b", name="search_items"),
                            ],
                        },
                        "finish_reason": "tool_calls",
                    }
                ],
            }
        ],
    ],
    ids=["openai", "side by side", "no index", "whole", "index 0", "repeated id", "message"],
)
def test_two_calls_of_tools(chunks: list[dict[str, Any]]) -> None:
    assert read(*chunks)[0].calls == TWO


def test_calls_without_id_and_index() -> None:
    parts = [call({"query": "sofa"}, name="search_items"), call({"query": "lamp"}, name="search_items")]
    assert [(found.name, found.arguments) for found in read(delta(tool_calls=parts))[0].calls] == [
        (expected.name, expected.arguments) for expected in TWO
    ]


def test_calls_are_bounded_in_number_and_length() -> None:
    many = [call("{}", index=number, id=str(number), name="search_items") for number in range(10)]
    assert [found.id for found in read(delta(tool_calls=many))[0].calls] == [str(number) for number in range(MAX_CALLS)]
    with pytest.raises(MalformedStream):
        read(*(delta(tool_calls=[call("{}", index=number)]) for number in range(100)))
    with pytest.raises(MalformedStream):
        read(*(delta(tool_calls=[call("x" * 1000, index=0)]) for _ in range(MAX_ARGUMENTS // 1000 + 1)))


@pytest.mark.parametrize(
    "refusal", [delta(refusal="I cannot help with that."), delta(finish="content_filter"), delta("content_filter")]
)
def test_a_refusal(refusal: dict[str, Any]) -> None:
    assert read(delta(content="So "), refusal)[0].is_refused


def test_text_in_parts() -> None:
    parts = [{"type": "text", "text": "Here"}, {"type": "thinking", "text": "hm"}, {"type": "text"}, "x", None]
    assert read(delta(content=parts))[1] == "Here"


@pytest.mark.parametrize("data", ["", "{", "[]", "null", '"text"', "<html>", '{"choices": NaN}', "{} {}"])
def test_what_is_no_chunk(data: str) -> None:
    with pytest.raises(MalformedStream):
        list(Completion().read(data))


@pytest.mark.parametrize("error", [{"message": "overloaded", "code": 529}, "overloaded"])
def test_an_error_within_the_stream(error: object) -> None:
    with pytest.raises(ProviderError):
        read(delta(content="a"), {"error": error})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**50), 2**50) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "choices",
                    "delta",
                    "message",
                    "content",
                    "tool_calls",
                    "function",
                    "arguments",
                    "index",
                    "id",
                    "usage",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
)


@given(
    st.lists(JSON | st.fixed_dictionaries({"choices": st.lists(st.fixed_dictionaries({"delta": JSON}))}), max_size=5)
)
def test_any_json_is_read_or_refused(chunks: list[object]) -> None:
    completion = Completion()
    try:
        for chunk in chunks:
            assert all(isinstance(text, str) for text in completion.read(orjson.dumps(chunk).decode()))
    except (MalformedStream, ProviderError):
        pass
    assert len(completion.calls) <= MAX_CALLS
