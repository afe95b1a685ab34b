"""Which tokens a text has, and where."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatapp.search.tokens import LAST_POSITION, quoted, tokens_of, vector


def shown(text: str) -> list[tuple[str, int, str]]:
    return [(token.lexeme, token.position, text[token.start : token.end]) for token in tokens_of(text)]


def test_words_are_folded_and_numbered() -> None:
    assert shown("Продаю, _велосипед_!") == [("prodaju", 1, "Продаю"), ("velosiped", 2, "велосипед")]


def test_words_of_signs_are_left_out() -> None:
    assert shown("ъ … 😀") == []


def test_an_apostrophe_within_a_word_belongs_to_it() -> None:
    assert shown("don't 'quote'") == [("dont", 1, "don't"), ("quote", 2, "quote")]


def test_marks_belong_to_the_letter_before() -> None:
    assert shown("cafe\u0301 हिन्दी") == [("cafe", 1, "cafe\u0301"), ("हिन्दी", 2, "हिन्दी")]


def test_a_run_without_spaces_is_pairs() -> None:
    assert shown("ไหม") == [("ไห", 1, "ไห"), ("หม", 2, "หม"), ("ม", 3, "ม")]


def test_words_beside_runs() -> None:
    found = shown("iPhone15สวย ok")
    assert found == [("iphone15", 1, "iPhone15"), ("สว", 2, "สว"), ("วย", 3, "วย"), ("ย", 4, "ย"), ("ok", 5, "ok")]


def test_tones_are_kept() -> None:
    assert "ร\u0e2d" in {lexeme for lexeme, _, _ in shown("รองเท้า")}
    assert "ทา" not in {lexeme for lexeme, _, _ in shown("รองเท้า")}, "grey is not in shoe"


def test_a_vector_has_positions_stems_and_marks() -> None:
    entries = set(vector("books and book's", ("=c7",)).split())
    assert {"'books':1", "'and':2", "'books':1,3", "'~book'", "'=c7'"} & entries >= {"'and':2", "'~book'", "'=c7'"}


def test_what_is_too_far_is_not_indexed() -> None:
    assert f":{LAST_POSITION + 1}" not in vector("a b " * LAST_POSITION, ())
    assert f":{LAST_POSITION}'" not in vector("ก" * 20_000, ())


def test_quotes_are_doubled() -> None:
    assert quoted("a'b\\") == "'a''b\\\\'"


@given(st.text())
def test_any_text_has_tokens_in_order(text: str) -> None:
    found = list(tokens_of(text))
    assert [token.position for token in found] == list(range(1, len(found) + 1))
    assert all(token.lexeme and 0 <= token.start < token.end <= len(text) for token in found)
