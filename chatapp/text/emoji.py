"""Emoji: the sequences of code points that Unicode lists as one (UTS #51, emoji-test.txt)."""

from __future__ import annotations

from emoji import EMOJI_DATA, STATUS

_PRESENTATION = "\N{VARIATION SELECTOR-16}"
MAX_LENGTH = max(map(len, EMOJI_DATA))  # code points

_FULL = {
    sequence.replace(_PRESENTATION, ""): sequence
    for sequence, data in EMOJI_DATA.items()
    if data["status"] == STATUS["fully_qualified"]
}
# Skin tones and hair are components: alone they are no emoji.
_KNOWN = {
    sequence: _FULL[sequence.replace(_PRESENTATION, "")]
    for sequence, data in EMOJI_DATA.items()
    if data["status"] != STATUS["component"]
}


def qualified(text: str) -> str | None:
    """The fully qualified form of one emoji, which is the same for all its spellings; None for any other text.

    Of flags, families and other sequences only those that Unicode recommends for interchange count as one emoji. A
    longer row of flags, or of people joined by U+200D, is none.
    """
    return _KNOWN.get(text)
