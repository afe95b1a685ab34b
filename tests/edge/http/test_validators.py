"""Bounds and choices: what they accept, and which text a rejected value gets."""

from __future__ import annotations

import pytest
from marshmallow import ValidationError

from chatapp.edge.http.validators import Length, OneOf, Pattern, Range
from chatapp.errors import Reason


@pytest.mark.parametrize(
    ("bounds", "value", "key"),
    [
        (Length(1, 3), "", "length_out_of_range"),
        (Length(1, 3), "a", None),
        (Length(1, 3), [1, 2, 3], None),
        (Length(1, 3), "four", "length_out_of_range"),
        (Length(2, None), "a", "too_short"),
        (Length(None, 2), "abc", "too_long"),
        (Length(None, None), "abc", None),
        (Range(0, 9), -1, "out_of_range"),
        (Range(0, 9), 0, None),
        (Range(0, 9), 9.0, None),
        (Range(0, 9), 9.5, "out_of_range"),
        (Range(0, None), -1, "below_minimum"),
        (Range(None, 9), 10, "above_maximum"),
    ],
)
def test_bounds_are_inclusive(bounds: Length | Range, value: object, key: str | None) -> None:
    assert bounds.problem_with(value) == key
    if key is None:
        bounds(value)
        return
    with pytest.raises(ValidationError) as caught:
        bounds(value)
    (reason,) = caught.value.messages
    assert isinstance(reason, Reason)
    shown = {"min": bounds.min, "max": bounds.max}
    assert reason.values == {name: bound for name, bound in shown.items() if bound is not None}


def test_a_choice_names_its_alternatives() -> None:
    OneOf(["a", "b"])("b")
    with pytest.raises(ValidationError) as caught:
        OneOf(["a", "b"])("c")
    assert caught.value.messages == ["not_a_choice"]
    assert caught.value.messages[0].values == {"choices": "a, b"}


def test_a_pattern_is_matched_as_a_whole() -> None:
    rule = Pattern("[a-z]{2}", "not_a_language")
    assert rule.regex.pattern == "^[a-z]{2}$", "as documents have it"
    rule("en")
    for value in ("", "e", "eng", "en\n", "\nen"):
        with pytest.raises(ValidationError) as caught:
            rule(value)
        assert caught.value.messages == ["not_a_language"]
