"""Forms that stemmers do not connect."""

from __future__ import annotations

import pytest

from chatapp.catalogue.inflection import base_forms, forms
from chatapp.catalogue.stems import stem


@pytest.mark.parametrize(
    ("word", "form", "language"),
    [
        ("палатка", "палаток", "ru"),
        ("чашка", "чашек", "ru"),
        ("молоток", "молотки", "ru"),
        ("ranac", "ranci", "sr"),
        ("četka", "četaka", "sr"),
        ("sat", "satovi", "sr"),
        ("ravni", "ravan", "sr"),
        ("perje", "perjem", "sr"),
        ("plavi", "plavoj", "sr"),
        ("siva", "sivih", "sr"),
        ("nov", "novim", "sr"),
        ("sofa", "sofas", "en"),
    ],
)
def test_a_form_has_the_stem_of_one_of_the_forms(word: str, form: str, language: str) -> None:
    assert stem(form, language) in {stem(each, language) for each in forms(word, language)}


def test_an_adjective_may_come_from_several() -> None:
    assert base_forms("женские", "ru") == ["женскый", "женский", "женской"]
    assert base_forms("plavog", "sr") == ["plavi"]
    assert base_forms("red", "en") == []
