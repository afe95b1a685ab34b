"""The part of a text that a result shows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatapp.search.fragments import MAX_SHOWN, Fragment, fragments


def test_a_short_text_is_shown_whole() -> None:
    found = fragments("Продаю велосипеды!", [(7, 17)])
    assert found == [Fragment("Продаю ", False), Fragment("велосипеды", True), Fragment("!", False)]


def test_without_matches_the_beginning_is_shown() -> None:
    assert fragments("hello", []) == [Fragment("hello", False)]
    assert fragments("x" * 500, []) == [Fragment("x" * MAX_SHOWN, False), Fragment("…", False)]
    assert fragments("", []) == []


def test_a_long_text_is_shown_around_the_first_match() -> None:
    text = "word " * 100 + "needle" + " word" * 100
    first, hit, *_, last = fragments(text, [(500, 506)])
    assert first.text.startswith("…word ")
    assert (hit.text, hit.is_hit) == ("needle", True)
    assert last.text == "…"


def test_a_cut_before_a_match() -> None:
    text = "x" * 300
    assert fragments(text, [(0, 300)])[0] == Fragment("x" * MAX_SHOWN, True)
    assert fragments(text, [(250, 300)])[0].text.startswith("…x")
    assert fragments(text, [(10, 290)])[0] == Fragment("x" * 10, False)


@given(st.text("ab ", max_size=600), st.lists(st.integers(0, 600), max_size=8))
def test_pieces_are_a_part_of_the_text(text: str, offsets: list[int]) -> None:
    ends = sorted({min(offset, len(text)) for offset in offsets})
    found = fragments(text, list(zip(ends[::2], ends[1::2], strict=False)))
    assert "".join(piece.text for piece in found).strip("…") in text
    assert all(piece.text for piece in found)
