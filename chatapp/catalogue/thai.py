"""Splits runs of Thai into the phrases of a lexicon.

Thai has no spaces between words. Of all ways to split a run, the one that leaves the fewest characters unexplained is
taken. A word may lack its tone marks, or be written with letters that sound alike; that costs more than the word
itself, so a longer word without its tones wins over a shorter one within it: `รองเทา` is a shoe, not something grey.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

_TONES = "\u0e47\u0e48\u0e49\u0e4a\u0e4b\u0e4c"  # tones, the short vowel mark and the sign of silence
# Letters that sound alike; long and short vowels that are often confused.
_ALIKE = str.maketrans("ณญศษฎฏฐฑฒธภฆฬฤใ\u0e34\u0e36\u0e39\u0e37", "นยสสดตถทททพคลรไ\u0e35\u0e37\u0e38\u0e35")
_WORD, _UNEXPLAINED, _TONELESS, _SOUND_ALIKE = (
    0.1,
    1.0,
    1.1,
    1.7,
)  # costs: of a word, of a character, of a slip in a word
_SHORTEST_SLIP = 3  # characters; shorter words must be written right
_SHORTEST_ALONE = 3  # characters; shorter words count only between explained ones, they lie in too many others
_FOLLOWING_MARKS = frozenset("\u0e30\u0e31\u0e32\u0e33\u0e34\u0e35\u0e36\u0e37\u0e38\u0e39\u0e45\u0e46\u0e4d" + _TONES)

Node = dict[str, Any]
_END = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a run; `phrase` is None where the lexicon does not explain it."""

    text: str
    phrase: str | None


class RunSplitter:
    """Splits runs by phrases.

    Parameters:
        phrases: with what they mean, which this returns for a phrase (`senses`).
        naming: those that describe wares.
    """

    def __init__(self, phrases: Mapping[str, Any], naming: Collection[str] = ()) -> None:
        self._phrases = phrases
        self._doubtful = frozenset(phrase for phrase in naming if len(phrase) < _SHORTEST_ALONE)
        self._tries: list[tuple[Node, float]] = [({}, _WORD), ({}, _WORD + _TONELESS), ({}, _WORD + _SOUND_ALIKE)]
        for phrase in phrases:
            for (root, _), form in zip(self._tries, _forms(phrase), strict=True):
                if root is self._tries[0][0] or len(form) >= _SHORTEST_SLIP:
                    _insert(root, form, phrase)

    def senses(self, phrase: str) -> Any:
        """What a phrase means."""
        return self._phrases[phrase]

    def split(self, run: str) -> list[Part]:
        """The parts of a run, in order."""
        length = len(run)
        costs = [0.0] + [float("inf")] * length
        steps: list[tuple[int, str | None]] = [(0, None)] * (length + 1)
        ways = [
            (root, cost, *_positions(form, run)) for (root, cost), form in zip(self._tries, _forms(run), strict=True)
        ]
        for start in range(length):
            self._step(costs, steps, start, start + 1, _UNEXPLAINED, None)
            if run[start] in _FOLLOWING_MARKS:  # no word begins within a syllable
                continue
            for root, cost, form, starts, ends in ways:
                if start not in starts:
                    continue
                for end, phrase in _walk(root, form, starts[start]):
                    self._step(costs, steps, start, ends[end], cost, phrase)
        return self._without_doubtful(_joined(run, steps))

    def _without_doubtful(self, parts: list[Part]) -> list[Part]:
        """The same, with short words beside unexplained characters unexplained, too."""
        kept: list[Part] = []
        for index, part in enumerate(parts):
            beside = (parts[at] for at in (index - 1, index + 1) if 0 <= at < len(parts))
            is_doubtful = part.phrase in self._doubtful and any(each.phrase is None for each in beside)
            phrase = None if is_doubtful else part.phrase
            if phrase is None and kept and kept[-1].phrase is None:
                kept[-1] = Part(kept[-1].text + part.text, None)
            else:
                kept.append(Part(part.text, phrase))
        return kept

    @staticmethod
    def _step(
        costs: list[float], steps: list[tuple[int, str | None]], start: int, end: int, cost: float, phrase: str | None
    ) -> None:
        if costs[start] + cost < costs[end]:
            costs[end] = costs[start] + cost
            steps[end] = (start, phrase)


def _forms(text: str) -> tuple[str, str, str]:
    """A text as it is, without tones, and with letters that sound alike made equal."""
    toneless = "".join(letter for letter in text if letter not in _TONES)
    return text, toneless, toneless.translate(_ALIKE)


def _positions(form: str, run: str) -> tuple[str, dict[int, int], list[int]]:
    """A form of a run; where each character of the run begins in it; and where each end in it is in the run."""
    if form == run:
        return form, {index: index for index in range(len(run))}, list(range(len(run) + 1))
    starts: dict[int, int] = {}
    ends = [0]
    for index, letter in enumerate(run):
        if letter in _TONES:
            ends[-1] = index + 1  # a mark belongs to what precedes it
        else:
            starts[index] = len(ends) - 1
            ends.append(index + 1)
    return form, starts, ends


def _insert(root: Node, form: str, phrase: str) -> None:
    node = root
    for letter in form:
        node = node.setdefault(letter, {})
    node.setdefault(_END, phrase)


def _walk(root: Node, form: str, start: int) -> list[tuple[int, str]]:
    """The ends of all phrases that begin at a position."""
    found = []
    node = root
    for index in range(start, len(form)):
        if form[index] not in node:
            break
        node = node[form[index]]
        if _END in node:
            found.append((index + 1, node[_END]))
    return found


def _joined(run: str, steps: list[tuple[int, str | None]]) -> list[Part]:
    parts: list[Part] = []
    end = len(run)
    while end > 0:
        start, phrase = steps[end]
        if phrase is None and parts and parts[-1].phrase is None:
            parts[-1] = Part(run[start:end] + parts[-1].text, None)
        else:
            parts.append(Part(run[start:end], phrase))
        end = start
    return parts[::-1]
