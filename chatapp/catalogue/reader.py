"""Reads questions and wares with a lexicon; of questions it corrects misspelt words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from chatapp.catalogue.inflection import base_forms
from chatapp.catalogue.lexicon import Lexicon, kind_of
from chatapp.catalogue.marks import Mark, guess_language, marks_of, parts_of
from chatapp.catalogue.reading import Reading, has_category, reading_of
from chatapp.catalogue.spelling import SHORTEST, Speller
from chatapp.catalogue.stems import spelled, stem
from chatapp.catalogue.words import Kind, Piece, pieces_of
from chatapp.search.folding import has_cyrillic

MOST_QUESTION = 2000  # characters of a question that are read
MOST_CORRECTED = 12  # words of a question that are corrected
# Kinds that keep their meaning within a name: a digital piano is digital, but faux leather is no leather.
_OF_COMPOUNDS = frozenset({"f", "soft", "who"})


class Words(Protocol):
    """The words of the wares that there are."""

    def known(self, words: Sequence[str]) -> set[str]:
        """Those of the words that any ware has."""
        ...

    def similar(self, words: Sequence[str]) -> dict[str, str]:
        """For each word that may be a misspelling, the word of a ware that is most like it."""
        ...


class Reader:
    """Reads texts with a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self._spellers: dict[str, tuple[Speller, Speller]] = {}

    def read(self, text: str, default_language: str, words: Words | None = None) -> Reading:
        """Read a question.

        Parameters:
            default_language: if the text leaves it open.
            words: of the wares. With them misspelt words are corrected.
        """
        pieces = pieces_of(text[:MOST_QUESTION])
        language = guess_language(pieces, self.lexicon, default_language)
        marks = marks_of(pieces, self.lexicon, language)
        if words is not None and any(mark.is_unknown for mark in marks):
            corrected = self._corrected(pieces, marks, language, words)
            if corrected != pieces:
                language = guess_language(corrected, self.lexicon, language)
                marks = marks_of(corrected, self.lexicon, language)
        return reading_of(marks, language, self.lexicon)

    def read_ware(self, text: str, default_language: str) -> Reading:
        """Read what a ware is. The words of compound names count, too."""
        pieces = pieces_of(text)
        language = guess_language(pieces, self.lexicon, default_language)
        marks = marks_of(pieces, self.lexicon, language)
        reading = reading_of(marks, language, self.lexicon, is_ware=True)
        further = [
            part.content
            for mark in marks
            if any(map(has_category, mark.content))
            for part in parts_of(mark, self.lexicon, language)
            if part.content and all(kind_of(concept) in _OF_COMPOUNDS for sense in part.content for concept in sense)
        ]
        return replace(reading, conditions=tuple(dict.fromkeys([*reading.conditions, *further])))

    def _corrected(self, pieces: list[Piece], marks: Sequence[Mark], language: str, words: Words) -> list[Piece]:
        """The pieces, with misspelt words replaced by the words that were most probably meant."""
        unknown = [mark.pieces[0] for mark in marks if mark.is_unknown and mark.kind is Kind.WORD]
        unknown = [piece for piece in unknown if len(piece.folded) >= SHORTEST][:MOST_CORRECTED]
        if not unknown:
            return pieces
        known = words.known([piece.folded for piece in unknown])
        left = [piece for piece in unknown if piece.folded not in known]
        meant = {piece: found for piece in left if (found := self._by_lexicon(piece, language)) is not None}
        rest = [piece for piece in left if piece not in meant]
        similar = words.similar([piece.folded for piece in rest]) if rest else {}
        meant |= {piece: similar[piece.folded] for piece in rest if piece.folded in similar}
        return [_rewritten(piece, meant[piece]) if piece in meant else piece for piece in pieces]

    def _by_lexicon(self, piece: Piece, language: str) -> str | None:
        """The word of the lexicon that a word may be, as it is written there."""
        possible = ("ru", "sr") if has_cyrillic(piece.text) else ("en", "sr")
        for each in sorted(possible, key=lambda other: other != language):
            words, stems = self._spellers_of(each)
            word = spelled(piece.text, each)
            found = words.correct(word) or stems.correct(stem(piece.text, each))
            for base in () if found else base_forms(word, each):
                found = found or words.correct(base)
            if found is not None:
                return found
        return None

    def _spellers_of(self, language: str) -> tuple[Speller, Speller]:
        """Spellers of the words of a language, and of their stems."""
        if language not in self._spellers:
            words = self.lexicon.words[language]
            self._spellers[language] = (
                Speller(words),
                Speller({stem(word, language): word for word in words.values()}),
            )
        return self._spellers[language]


def _rewritten(piece: Piece, text: str) -> Piece:
    (found,) = pieces_of(text)[:1]
    return replace(found, follows_break=piece.follows_break)
