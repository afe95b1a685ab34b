"""Finds the phrases of the lexicon in a text: the longest ones, first in the language of the text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chatapp.catalogue.lexicon import CONTENT, SPACED, Lexicon, Node, Sense, is_content, kind_of, written
from chatapp.catalogue.stems import spelled, stem
from chatapp.catalogue.words import Kind, Piece
from chatapp.search.folding import has_cyrillic

THAI = "th"
_RUSSIAN = re.compile("[ёйщъыьэюя]", re.IGNORECASE)
_SERBIAN = re.compile("[ђјљњћџčćžšđ]", re.IGNORECASE)
_LETTERS_WEIGH = 2.0  # as much as two words that only one language has
_LEAST_LETTERS = 5  # of an inflected word in a text of another language: names are often like stems
_IN_OTHER_LANGUAGES = CONTENT | {"wish", "unit", "cur", "times"}  # senses that count in a text of another language


@dataclass(frozen=True, slots=True)
class Mark:
    """A phrase, number or sign of a text, or what the lexicon does not explain.

    Attributes:
        text: as it is written.
        senses: what it may mean; empty if it is unknown.
        value: of a number.
        pieces: without those of Thai.
        follows_break: whether punctuation precedes it.
    """

    kind: Kind
    text: str
    senses: tuple[Sense, ...] = ()
    value: float | None = None
    pieces: tuple[Piece, ...] = ()
    follows_break: bool = False

    def first(self, kind: str) -> str | None:
        """The first concept of a kind among all senses, without the kind."""
        for sense in self.senses:
            for concept in sense:
                if kind_of(concept) == kind:
                    return concept.partition(":")[2]
        return None

    @property
    def content(self) -> tuple[Sense, ...]:
        """The senses that describe wares."""
        return tuple(sense for sense in self.senses if is_content(sense))

    @property
    def is_unknown(self) -> bool:
        """Whether it is a word or a run that the lexicon does not explain."""
        return not self.senses and self.kind in (Kind.WORD, Kind.RUN)


def guess_language(pieces: Sequence[Piece], lexicon: Lexicon, default: str) -> str:
    """The language of a text by its script and words: `en`, `ru`, `sr` or `th`.

    Parameters:
        default: for a text that leaves it open.
    """
    runs = sum(len(piece.text) for piece in pieces if piece.kind is Kind.RUN)
    words = [piece for piece in pieces if piece.kind is Kind.WORD]
    if runs > sum(len(piece.text) for piece in words) / 2:
        return THAI
    scores = dict.fromkeys(SPACED, 0.0)
    for piece in words:
        for language, weight in _evidence(piece, lexicon):
            scores[language] += weight
    best = max(scores.values())
    if best <= 0:
        return default
    return default if scores.get(default) == best else max(scores, key=lambda language: scores[language])


def _evidence(piece: Piece, lexicon: Lexicon) -> Iterable[tuple[str, float]]:
    if _SERBIAN.search(piece.text):
        yield "sr", _LETTERS_WEIGH
    elif _RUSSIAN.search(piece.text):
        yield "ru", _LETTERS_WEIGH
    languages = [language for language in _languages_of(piece, "") if lexicon.knows(piece.text, language)]
    for language in languages:
        yield language, (1.0 if spelled(piece.text, language) in lexicon.words[language] else 0.7) / len(languages)


def _languages_of(piece: Piece, first: str) -> list[str]:
    """The languages that a word may be of by its script, the given one first."""
    if piece.kind is not Kind.WORD:
        return [first] if first in SPACED else list(SPACED)
    possible = ["ru", "sr"] if has_cyrillic(piece.text) else ["en", "sr"]
    return sorted(possible, key=lambda language: language != first)


def marks_of(pieces: Sequence[Piece], lexicon: Lexicon, language: str) -> list[Mark]:
    """The marks of a text, in order."""
    marks: list[Mark] = []
    index = 0
    while index < len(pieces):
        piece = pieces[index]
        if piece.kind is Kind.RUN:
            marks += _marks_of_run(piece, lexicon)
            index += 1
            continue
        length, senses = _longest(pieces, index, lexicon, language)
        found = tuple(pieces[index : index + max(length, 1)])
        text = " ".join(each.text for each in found)
        value = piece.value if length <= 1 else None
        kind = piece.kind if length <= 1 else Kind.WORD
        marks.append(Mark(kind, text, senses, value, found, piece.follows_break))
        index += max(length, 1)
    return marks


def _marks_of_run(piece: Piece, lexicon: Lexicon) -> list[Mark]:
    marks = []
    for index, part in enumerate(lexicon.thai.split(piece.text)):
        senses = () if part.phrase is None else _chosen([(sense, ()) for sense in lexicon.thai.senses(part.phrase)], ())
        marks.append(Mark(Kind.RUN, part.text, senses, follows_break=piece.follows_break and index == 0))
    return marks


def parts_of(mark: Mark, lexicon: Lexicon, language: str) -> list[Mark]:
    """The words of a longer phrase, each as a mark of its own: "digital" of "digital piano"."""
    return (
        [each for piece in mark.pieces for each in marks_of([piece], lexicon, language)] if len(mark.pieces) > 1 else []
    )


def _longest(pieces: Sequence[Piece], start: int, lexicon: Lexicon, language: str) -> tuple[int, tuple[Sense, ...]]:
    """The longest phrase that begins here: its number of pieces, and its senses."""
    for each in _languages_of(pieces[start], language):
        length, senses = _longest_in(lexicon.roots[each], pieces, start, each)
        if each != language and senses:
            senses = _in_other_language(pieces[start : start + length], senses, lexicon, each)
        if senses:
            return length, senses
    return 0, ()


def _in_other_language(
    pieces: Sequence[Piece], senses: tuple[Sense, ...], lexicon: Lexicon, language: str
) -> tuple[Sense, ...]:
    """The senses that a phrase has in a text of another language. A short word counts only as it is in the lexicon."""
    (first, *rest) = pieces
    if not rest and len(first.folded) < _LEAST_LETTERS and spelled(first.text, language) not in lexicon.words[language]:
        return () if first.kind is Kind.WORD else senses
    return tuple(sense for sense in senses if kind_of(sense[0]) in _IN_OTHER_LANGUAGES)


def _longest_in(root: Node, pieces: Sequence[Piece], start: int, language: str) -> tuple[int, tuple[Sense, ...]]:
    node: Node | None = root
    best: tuple[int, tuple[Sense, ...]] = (0, ())
    for index in range(start, len(pieces)):
        piece = pieces[index]
        if piece.kind is Kind.RUN or node is None:
            break
        key = stem(piece.text, language) if piece.kind is Kind.WORD else piece.folded
        node = node.following.get(key)
        if node is not None and node.senses:
            best = (index + 1 - start, _chosen(node.senses, written(pieces[start : index + 1], language)))
    return best


def _chosen(senses: Sequence[tuple[Sense, tuple[str, ...]]], words: tuple[str, ...]) -> tuple[Sense, ...]:
    """The senses of a phrase: of those that are written like it if there are any; the more exact ones only."""
    exact = [sense for sense, spelled_words in senses if spelled_words == words]
    found = list(dict.fromkeys(exact or [sense for sense, _ in senses]))
    return tuple(sense for sense in found if not any(set(sense) < set(other) for other in found))
