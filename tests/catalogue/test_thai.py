"""Runs of Thai are split into phrases."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatapp.catalogue.thai import Part, RunSplitter

SPLITTER = RunSplitter(dict.fromkeys(["รองเท้า", "เทา", "โซฟา", "สีเทา", "ชา", "มี", "กีตาร์"], "meaning"), naming=["ชา"])


def phrases(run: str) -> list[str | None]:
    return [part.phrase for part in SPLITTER.split(run)]


def test_phrases_explain_a_run() -> None:
    assert SPLITTER.split("โซฟาสีเทา") == [Part("โซฟา", "โซฟา"), Part("สีเทา", "สีเทา")]
    assert SPLITTER.senses("โซฟา") == "meaning"


def test_a_shoe_without_its_tone_is_not_grey() -> None:
    assert phrases("รองเทา") == ["รองเท้า"]


def test_letters_that_sound_alike() -> None:
    assert phrases("กีต้า") == [None] or phrases("กีตา") == [None], "a letter is missing"
    assert phrases("โซพา") == [None]
    assert phrases("รองเท๊าสีเทา") == ["รองเท้า", "สีเทา"]


def test_what_is_not_explained_stays() -> None:
    assert SPLITTER.split("กขคโซฟา") == [Part("กขค", None), Part("โซฟา", "โซฟา")]


def test_a_short_word_beside_unexplained_characters_is_part_of_them() -> None:
    assert phrases("ธรรมชาติ") == [None]
    assert phrases("ชาสีเทา") == ["ชา", "สีเทา"]
    assert phrases("มีกขค") == ["มี", None]


@given(st.text("กขคงจชซฟรสทาเโีู่้๊์็ัอํ", max_size=80))
def test_the_parts_are_the_run(run: str) -> None:
    assert "".join(part.text for part in SPLITTER.split(run)) == run
