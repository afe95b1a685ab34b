"""Which part of a text is the ware, what describes it, and what the visitor wants to do."""

from __future__ import annotations

import pytest

from chatapp.catalogue.lexicon import load
from chatapp.catalogue.reader import Reader
from chatapp.catalogue.reading import Reading

READER = Reader(load())


def read(text: str) -> Reading:
    return READER.read(text, "en")


def heads(reading: Reading) -> list[str]:
    return [alternatives[0][0] for alternatives in reading.heads]


def conditions(reading: Reading) -> set[str]:
    return {concept for alternatives in reading.conditions for sense in alternatives for concept in sense}


@pytest.mark.parametrize(
    ("text", "head", "mentioned"),
    [
        ("rug for the living room sofa", "cat:rug", ("also:sofa",)),
        ("phone charger for a tablet", "cat:charger", ("also:tablet",)),
        ("camera backpack", "cat:backpack", ("also:camera",)),
        ("сумка для планшета и лампа", "cat:bag", ("also:tablet", "also:lamp")),
        ("polica za televizor", "cat:shelf", ("also:tv",)),
    ],
)
def test_a_question_is_about_one_ware(text: str, head: str, mentioned: tuple[str, ...]) -> None:
    reading = read(text)
    assert heads(reading) == [head]
    assert set(mentioned) <= set(reading.mentioned)


def test_or_joins_wares() -> None:
    reading = read("a sofa or an armchair")
    assert (heads(reading), reading.joins) == (["cat:sofa", "cat:armchair"], True)


def test_a_ware_is_all_that_stands_before_a_comma() -> None:
    reading = READER.read_ware("Fjordan Bin 94 jacket, blue, with a scarf", "en")
    assert "cat:jacket" in heads(reading)
    assert "cat:scarf" not in heads(reading)


def test_what_is_not_wanted() -> None:
    reading = read("black sofa, not leather, without foo")
    assert [alternatives[0] for alternatives in reading.excluded] == [("mat:leather",)]
    assert conditions(reading) == {"col:black"}
    assert reading.words == ()


@pytest.mark.parametrize(
    ("text", "head", "refused"),
    [
        ("fotelja ne, nego ugaona garnitura", "cat:sofa", "cat:armchair"),
        ("диван не, а кресло", "cat:armchair", "cat:sofa"),
        ("not a sofa but an armchair", "cat:armchair", "cat:sofa"),
    ],
)
def test_what_is_refused_is_not_what_is_wished(text: str, head: str, refused: str) -> None:
    reading = read(text)
    assert (heads(reading), [alternatives[0][0] for alternatives in reading.excluded]) == ([head], [refused])


def test_the_narrower_of_two_categories_is_wished() -> None:
    reading = read("что-нибудь из бытовой техники, холодильник")
    assert (heads(reading), reading.mentioned) == (["cat:fridge"], ("also:appliance",))


def test_a_word_for_a_ware_may_describe_another_one() -> None:
    reading = read("เสื้อแจ็คเก็ตยีนส์")
    assert (heads(reading), conditions(reading)) == (["cat:jacket"], {"mat:denim"})


def test_not_ends_with_the_next_clause() -> None:
    assert "cond:used" in conditions(READER.read_ware("Дрель без насадок. Б/у", "ru"))


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("hi there", "greet"),
        ("спасибо большое", "thanks"),
        ("позовите оператора", "human"),
        ("želim da razgovaram sa čovekom", "human"),
        ("ขอคุยกับเจ้าหน้าที่", "human"),
        ("what do you sell?", "assortment"),
        ("มีอะไรขายบ้าง", "assortment"),
        ("cheaper please", "cheaper"),
        ("มีถูกกว่านี้ไหม", "cheaper"),
        ("самый дешёвый", "cheapest"),
        ("pokaži još", "another"),
        ("сравни первый и второй", "compare"),
        ("treba mi poklon", "gift"),
    ],
)
def test_a_visitor_wants_to_do_something(text: str, wish: str) -> None:
    reading = read(text)
    assert wish in reading.wishes
    assert not reading.heads


def test_positions() -> None:
    assert read("compare the first and the third").positions == (1, 3)
    assert read("uporedi prva dva").positions == (1, 2)
    assert read("the last one").positions == (-1,)


def test_a_thai_question_ends_in_a_word_that_also_means_silk() -> None:
    assert conditions(read("มีสีแดงไหม")) == {"col:red"}
    assert "mat:silk" in conditions(READER.read_ware("ผ้าพันคอไหม ลายดอกไม้", "th"))


def test_a_text_without_meaning() -> None:
    assert not read("do you have it").describes
    assert not read("").describes
