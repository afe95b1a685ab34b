"""The lexicon: which phrases mean which concepts, in four languages.

A concept is a token such as `cat:sofa`. Its kind comes before the colon:

| kind | for |
|---|---|
| `cat`, `also` | a category of wares; a category that is only mentioned |
| `col`, `mat`, `f` | colour, material, feature or use |
| `who`, `cond` | for which people, in which condition |
| `soft` | what is too vague to exclude a ware: good, beautiful |
| `m` | a measure, such as `m:person:4` |
| `wish`, `nth` | what a visitor wants to do, and with which of the shown wares |
| `num`, `times`, `unit`, `size`, `cur`, `bound` | parts of prices and measures |
| `op`, `stop` | words that connect others, and words without meaning for a search |
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from pathlib import Path

from chatapp.catalogue.inflection import forms
from chatapp.catalogue.lexicon_file import LANGUAGES, Entry, LexiconError, parse
from chatapp.catalogue.stems import spelled, stem
from chatapp.catalogue.thai import RunSplitter
from chatapp.catalogue.words import Kind, Piece, pieces_of

FORMAT = 3  # of how texts become tokens; to be raised with every change of it, so that wares are indexed again
CONTENT = frozenset({"cat", "also", "col", "mat", "f", "who", "cond", "soft", "m"})
SPACED = ("en", "ru", "sr")  # languages with spaces between words

Sense = tuple[str, ...]
"""Concepts that a phrase means together."""


def kind_of(concept: str) -> str:
    """`cat` of `cat:sofa`."""
    return concept.partition(":")[0]


def is_content(sense: Sense) -> bool:
    """Whether a sense describes wares."""
    return kind_of(sense[0]) in CONTENT


@dataclass(slots=True)
class Node:
    """A state of a trie of phrases, by the stems of their words.

    Attributes:
        senses: what the phrase that ends here means, with its words as they are spelled.
    """

    following: dict[str, Node] = field(default_factory=dict)
    senses: list[tuple[Sense, tuple[str, ...]]] = field(default_factory=list)


class Lexicon:
    """Phrases and concepts.

    Attributes:
        version: changes with every entry; wares are indexed again then.
        roots: tries by language, without Thai.
        thai: splits runs of Thai.
        words: by language and spelling (`stems.spelled`), the words of all phrases as they are written.
        names: of concepts that describe wares, by concept and language.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.roots = {language: Node() for language in SPACED}
        self.words: dict[str, dict[str, str]] = {language: {} for language in SPACED}
        self.stems: dict[str, set[str]] = {language: set() for language in SPACED}
        self.names: dict[str, dict[str, str]] = {}
        self._broader: dict[str, tuple[str, ...]] = {}
        self.concepts: set[str] = set()
        thai: dict[str, list[Sense]] = {}
        checksum = FORMAT
        for entry in entries:
            checksum = zlib.crc32(repr((entry.concepts, entry.broader, entry.phrases)).encode(), checksum)
            self._add(entry, thai)
        self.version = checksum & 0x7FFFFFFF
        self.thai = RunSplitter(thai, [phrase for phrase, senses in thai.items() if any(map(is_content, senses))])

    def _add(self, entry: Entry, thai: dict[str, list[Sense]]) -> None:
        self.concepts.update(entry.concepts)
        if entry.broader:
            self._broader[entry.concepts[0]] = entry.broader
        if len(entry.concepts) == 1 and is_content(entry.concepts):
            names = {language: phrases[0] for language, phrases in entry.phrases.items() if phrases}
            self.names.setdefault(entry.concepts[0], names)
        for language, phrases in entry.phrases.items():
            for phrase in phrases:
                pieces = pieces_of(phrase)
                if not pieces:
                    raise LexiconError(f"{phrase} has neither letters nor digits")
                if all(piece.kind is Kind.RUN for piece in pieces):
                    thai.setdefault("".join(piece.text for piece in pieces), []).append(entry.concepts)
                else:
                    for each in SPACED if language == "th" else (language,):
                        self._insert(each, pieces, entry.concepts)

    def _insert(self, language: str, pieces: list[Piece], sense: Sense) -> None:
        """Add a phrase; its last word, or the word of a phrase of one, in all its forms."""
        *before, last = pieces
        for form in forms(last.text.lower(), language) if last.kind is Kind.WORD else [last.text]:
            node = self.roots[language]
            for piece in before:
                node = node.following.setdefault(self._key(piece, piece.text, language), Node())
            node = node.following.setdefault(self._key(last, form, language), Node())
            node.senses.append((sense, written(pieces, language)))

    def _key(self, piece: Piece, text: str, language: str) -> str:
        if piece.kind is not Kind.WORD:
            return piece.folded
        self.words[language].setdefault(spelled(piece.text, language), piece.text)
        key = stem(text, language)
        self.stems[language].add(key)
        return key

    def with_broader(self, concept: str) -> Iterator[str]:
        """A concept and everything that it is a kind of."""
        yield concept
        for broader in self._broader.get(concept, ()):
            yield from self.with_broader(broader)

    def name(self, concept: str, language: str) -> str:
        """What a concept is called: its first phrase."""
        names = self.names.get(concept, {})
        return names.get(language) or names.get("en") or concept.partition(":")[2]

    def knows(self, word: str, language: str) -> bool:
        """Whether a word occurs in a phrase of a language, in any form."""
        return stem(word, language) in self.stems[language]


def written(pieces: Sequence[Piece], language: str) -> tuple[str, ...]:
    """The words of a phrase as they are spelled, not their stems."""
    return tuple(spelled(piece.text, language) if piece.kind is Kind.WORD else piece.folded for piece in pieces)


def _shipped() -> Iterator[Entry]:
    folder = resources.files("chatapp.catalogue") / "lexicon"
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.name.endswith(".txt"):
            yield from parse(path.read_text("utf-8"), path.name)


@lru_cache(maxsize=2)
def load(own_file: str = "") -> Lexicon:
    """The lexicon of chatapp, with the lines of the operator's file.

    Raises:
        LexiconError: the file cannot be read, or one of its lines.
    """
    entries = list(_shipped())
    if own_file:
        try:
            text = Path(own_file).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise LexiconError(f"{own_file}: {error}") from None
        entries += parse(text, own_file)
    return Lexicon(entries)


def tokens_by_kind(concepts: Iterable[str]) -> Mapping[str, list[str]]:
    """Concepts by their kind."""
    found: dict[str, list[str]] = {}
    for concept in concepts:
        found.setdefault(kind_of(concept), []).append(concept)
    return found


__all__ = ["LANGUAGES", "Lexicon", "LexiconError", "Node", "Sense", "is_content", "kind_of", "load", "tokens_by_kind"]
