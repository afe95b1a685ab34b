"""The lexicon that is shipped, and the lines of an operator."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatapp.catalogue.lexicon import CONTENT, Lexicon, LexiconError, kind_of, load
from chatapp.catalogue.lexicon_file import parse

LEAST_CONCEPTS = 300


def test_there_are_enough_concepts_of_wares() -> None:
    assert sum(kind_of(concept) in CONTENT for concept in load().concepts) >= LEAST_CONCEPTS


def test_every_category_has_a_name_in_each_language() -> None:
    lexicon = load()
    categories = [concept for concept in lexicon.concepts if kind_of(concept) == "cat"]
    lacking = [each for each in categories if set(lexicon.names.get(each, {})) != {"en", "ru", "sr", "th"}]
    assert lacking == []


def test_what_is_broader_exists() -> None:
    lexicon = load()
    assert {each for concept in lexicon.concepts for each in lexicon.with_broader(concept)} <= lexicon.concepts


def test_a_sofa_is_furniture() -> None:
    assert list(load().with_broader("cat:sofa")) == ["cat:sofa", "cat:furniture"]


def test_words_are_known_in_any_form() -> None:
    assert load().knows("диванами", "ru")
    assert load().knows("фотељу", "sr")
    assert not load().knows("диванами", "en")


def test_an_operator_adds_lines(tmp_path: Path) -> None:
    own = tmp_path / "own.txt"
    own.write_text("cat:tatami < cat:furniture | tatami | татами | tatami | ทาทามิ\n", "utf-8")
    lexicon = load(str(own))
    assert lexicon.name("cat:tatami", "ru") == "татами"
    assert lexicon.name("cat:sofa", "en") == "sofas"
    assert lexicon.version != load().version


def test_a_wrong_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match=r"missing\.txt"):
        load(str(tmp_path / "missing.txt"))
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe")
    with pytest.raises(LexiconError, match="binary"):
        load(str(binary))


def test_a_phrase_of_signs_alone_is_an_error() -> None:
    with pytest.raises(LexiconError, match="neither letters nor digits"):
        Lexicon(parse("cat:nothing | ... | | | ", "own.txt"))
