"""One emoji, in every spelling that Unicode lists, and nothing else."""

from __future__ import annotations

import pytest

from chatapp.text.emoji import MAX_LENGTH, qualified

JOINER = "\N{ZERO WIDTH JOINER}"
MAN = "\N{MAN}"
WOMAN = "\N{WOMAN}"
FLAG = "\N{REGIONAL INDICATOR SYMBOL LETTER R}\N{REGIONAL INDICATOR SYMBOL LETTER S}"
SCOTLAND = "\N{WAVING BLACK FLAG}" + "".join(chr(0xE0000 + ord(letter)) for letter in "gbsct") + "\U000e007f"
HEART = "\N{HEAVY BLACK HEART}"
PRESENTATION = "\N{VARIATION SELECTOR-16}"
LONGEST = (
    "\U0001f469\U0001f3ff\u200d\u2764\ufe0f\u200d\U0001f48b\u200d\U0001f469\U0001f3fd"  # a kiss, with two skin tones
)


@pytest.mark.parametrize(
    "text",
    [
        "👍",
        "👍🏽",
        FLAG,
        SCOTLAND,
        "1\ufe0f\u20e3",
        f"{MAN}{JOINER}{WOMAN}{JOINER}\N{GIRL}{JOINER}\N{BOY}",
        LONGEST,
        "\N{BLACK UNIVERSAL RECYCLING SYMBOL}\ufe0f",
    ],
)
def test_a_sequence_that_unicode_lists_is_one_emoji(text: str) -> None:
    assert qualified(text) == text


def test_spellings_of_an_emoji_count_as_one() -> None:
    assert qualified(HEART) == qualified(HEART + PRESENTATION) == HEART + PRESENTATION
    assert qualified(LONGEST.replace(PRESENTATION, "")) == LONGEST


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "1",
        " 👍",
        "👍👍",
        FLAG * 2,
        FLAG * 50,
        "\N{REGIONAL INDICATOR SYMBOL LETTER R}",
        "\N{REGIONAL INDICATOR SYMBOL LETTER Q}\N{REGIONAL INDICATOR SYMBOL LETTER Q}",  # no region
        JOINER.join([MAN] * 30),
        f"{MAN}{JOINER}",
        f"{MAN}{JOINER}{JOINER}{WOMAN}",
        JOINER,
        "\N{EMOJI MODIFIER FITZPATRICK TYPE-4}",
        PRESENTATION,
        HEART + PRESENTATION * 2,
        HEART + "\N{VARIATION SELECTOR-15}",  # its text style
        "\N{WAVING BLACK FLAG}" + "".join(chr(0xE0000 + ord(letter)) for letter in "x" * 40) + "\U000e007f",
        ":thumbs_up:",
        "👍\x00",
        "👍\u202e",
    ],
)
def test_anything_else_is_none(text: str) -> None:
    assert qualified(text) is None


def test_the_longest_has_ten_code_points() -> None:
    assert MAX_LENGTH == len(LONGEST) == 10
