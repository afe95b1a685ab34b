"""What the index knows about a ware."""

from __future__ import annotations

from chatapp.catalogue.item_tokens import ItemText, ItemTokens, tokens_of_item
from chatapp.catalogue.lexicon import load
from chatapp.catalogue.reader import Reader

READER = Reader(load())


def tokens(title: str, description: str = "", **more: object) -> ItemTokens:
    return tokens_of_item(ItemText(title, description, **more), READER)  # type: ignore[arg-type]


def test_concepts_with_what_they_are_a_kind_of() -> None:
    found = tokens("Grey corner sofa, 3 seats", "Velvet. Folds out into a bed. Used.").lexemes
    assert {
        "cat:sofa", "cat:furniture", "col:grey", "f:corner", "m:person:3", "n:3", "mat:velvet", "f:bed", "cond:used",
    } <= found  # fmt: skip


def test_the_same_in_every_language() -> None:
    titles = ("Red mountain bike", "Красный горный велосипед", "Црвени планински бицикл", "จักรยานเสือภูเขาสีแดง")
    assert all({"cat:bicycle", "f:mountain", "col:red"} <= tokens(title).lexemes for title in titles)


def test_a_description_only_mentions_categories() -> None:
    found = tokens("Backpack Trailon", "For a 15 inch laptop.").lexemes
    assert {"cat:backpack", "also:laptop"} <= found
    assert "cat:laptop" not in found


def test_a_description_adds_to_the_category_of_the_title() -> None:
    assert "f:smart" in tokens("Watch Aikon", "Smartwatch.").lexemes


def test_a_title_with_a_colour_is_not_of_those_in_the_description() -> None:
    found = tokens("White table", "Black legs.").lexemes
    assert "col:white" in found
    assert "col:black" not in found


def test_what_is_excluded_is_no_token() -> None:
    assert "f:remote" not in tokens("Lamp", "Without remote control.").lexemes


def test_what_the_host_says_counts() -> None:
    found = tokens("Lagom 3000", category="Sofas", attributes={"colour": "grey", "RAM": "16 GB", "seats": 3.0}).lexemes
    assert {"cat:sofa", "col:grey", "m:gb:16", "n:3"} <= found


def test_attributes_are_read_until_there_is_too_much() -> None:
    many = {f"note{number}": "x" * 190 for number in range(40)} | {"colour": "grey"}
    assert "col:grey" not in tokens("Lagom", attributes=many).lexemes
    assert "x" * 64 in tokens("Lagom", attributes=many).lexemes


def test_words_and_names() -> None:
    found = tokens("Bike Kestrel R16", "Shimano gears.")
    assert found.names == {"kestrel", "r16"}
    assert {"kestrel", "shimano"} <= found.words
    assert {"kestrel", "~kestrel", "n:16"} <= found.lexemes


def test_a_range_is_every_number_in_it() -> None:
    assert {"n:38", "n:39", "n:40", "n:41"} <= tokens("Rollerblades, 38-41").lexemes
    assert {"m:person:2", "m:person:4", "m:person:6"} <= tokens("Društvena igra", "Za 2 do 6 igrača.").lexemes


def test_thai_is_pairs() -> None:
    assert {"กข", "ขค"} <= tokens("กขค").lexemes


def test_a_vector_is_what_postgres_reads() -> None:
    assert tokens("O'Neil").vector == "'oneil' '~onei' '~oneil'"
    assert tokens("ъ").vector == ""
