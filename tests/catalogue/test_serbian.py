"""Serbian in Cyrillic."""

from __future__ import annotations

from chatapp.catalogue.serbian import in_cyrillic


def test_letters_and_digraphs() -> None:
    assert in_cyrillic("Ljubičasti džemper, 3 konja") == "Љубичасти џемпер, 3 коња"


def test_what_serbian_lacks_stays() -> None:
    assert in_cyrillic("โซฟา wifi") == "โซฟา wифи"
