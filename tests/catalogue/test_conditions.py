"""Wishes as conditions for the index."""

from __future__ import annotations

from chatapp.catalogue.conditions import NOTHING, Conditions, conditions_of
from chatapp.catalogue.lexicon import load
from chatapp.catalogue.rates import Rates
from chatapp.catalogue.reader import Reader
from chatapp.catalogue.wish import wish_of

READER = Reader(load())


def conditions(text: str, **known: object) -> Conditions:
    return conditions_of(wish_of(READER.read(text, "en"), Rates("EUR")), **known)  # type: ignore[arg-type]


def test_everything_said_is_a_condition() -> None:
    found = conditions("grey corner sofa bed for women, not velvet")
    assert "'cat:sofa'" in found.head
    assert "'col:grey'" in found.hard
    assert found.who == "'who:women'"
    assert found.excluded == ("'mat:velvet'",)


def test_meanings_are_alternatives() -> None:
    assert conditions("silver ring").hard == ("(('mat:silver') | ('col:silver'))",) or conditions(
        "silver ring"
    ).hard == ("(('col:silver') | ('mat:silver'))",)


def test_or_joins_what_is_of_one_kind() -> None:
    assert conditions("sofa, black or grey").hard == ("(('col:black') | ('col:grey'))",)
    assert conditions("sofa, black and grey").hard == ("'col:black'", "'col:grey'")


def test_names_must_fit_and_other_words_should() -> None:
    found = conditions("kestrel bike qwertz", names={"kestrel"})
    assert any("'kestrel'" in text for text in found.hard)
    assert any("'qwertz'" in text for text in found.soft)


def test_vague_words_and_bare_numbers_should_fit() -> None:
    assert set(conditions("nice sneakers 43").soft) == {"'soft:good'", "'n:43'"}


def test_measures() -> None:
    assert conditions("tv 65 inch").hard == ("'m:inch:65'",)
    known = ["m:inch:43", "m:inch:55", "m:inch:65", "m:gb:60"]
    assert conditions("tv at least 50 inch", measures=known).hard == ("('m:inch:55' | 'm:inch:65')",)
    assert conditions("tv at least 80 inch", measures=known).hard == (NOTHING,)


def test_sizes() -> None:
    assert conditions("shoes size 43").hard == ("('m:size:43' | 'n:43')",)
    assert conditions("dress size M").hard == ("'m:size:m'",)


def test_unexplained_thai_is_pairs() -> None:
    assert conditions("กขค").soft == ("('กข' & 'ขค')",)
