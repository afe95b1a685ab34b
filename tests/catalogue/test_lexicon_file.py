"""Lines of the lexicon, and what is wrong with others."""

from __future__ import annotations

import pytest

from chatapp.catalogue.lexicon_file import Entry, LexiconError, parse


def test_a_line_has_concepts_and_phrases() -> None:
    (entry,) = parse(
        "# furniture\n\ncat:sofa f:bed < cat:furniture | sofa bed, futon | диван-кровать | | โซฟาเบด\n", "own.txt"
    )
    assert entry == Entry(
        ("cat:sofa", "f:bed"),
        ("cat:furniture",),
        {"en": ("sofa bed", "futon"), "ru": ("диван-кровать",), "sr": (), "th": ("โซฟาเบด",)},
    )


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("cat:sofa | sofa", "5 columns"),
        ("sofa | sofa | a | b | c", "sofa is no concept"),
        ("cat:sofa < furniture | sofa | a | b | c", "furniture is no concept"),
        ("cat:sofa | | | |", "a concept and a phrase"),
        ("cat:sofa | " + "x" * 61 + " | | | ", "longer than 60"),
    ],
)
def test_a_wrong_line_is_named(line: str, problem: str) -> None:
    with pytest.raises(LexiconError, match=rf"own\.txt, line 2: .*{problem}"):
        parse(f"# own\n{line}", "own.txt")
