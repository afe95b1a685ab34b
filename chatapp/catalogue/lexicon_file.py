"""Reads a file of the lexicon: one line a concept.

    cat:sofa < cat:furniture | sofas, couch | диваны, софа | sofe, kauč | โซฟา

First the concepts that a phrase means, all of them together; after `<` what they are a kind of. Then the phrases of
each language, separated by commas. Serbian is written in either script. Empty lines and lines that begin with `#` are
left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LANGUAGES = ("en", "ru", "sr", "th")
_CONCEPT = re.compile(r"(?:cat|also|col|mat|who|cond|f|soft|wish|nth|op|stop|bound|cur|unit|num|times|size|m):[\w:.-]+")
MOST_PHRASE = 60  # characters


class LexiconError(ValueError):
    """A line of a lexicon cannot be read."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line: what its phrases mean.

    Attributes:
        concepts: all of them together.
        broader: what they are a kind of.
        phrases: by language.
    """

    concepts: tuple[str, ...]
    broader: tuple[str, ...]
    phrases: dict[str, tuple[str, ...]]


def parse(text: str, name: str) -> list[Entry]:
    """The entries of a file.

    Parameters:
        name: of the file, for errors.

    Raises:
        LexiconError: with the number of the first line that is wrong.
    """
    entries = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                entries.append(_entry(line))
            except ValueError as error:
                raise LexiconError(f"{name}, line {number}: {error}") from None
    return entries


def _entry(line: str) -> Entry:
    columns = [column.strip() for column in line.split("|")]
    if len(columns) != 1 + len(LANGUAGES):
        raise ValueError(f"{1 + len(LANGUAGES)} columns are expected, separated by |")
    meaning, _, kinds = columns[0].partition("<")
    concepts, broader = tuple(meaning.split()), tuple(kinds.replace(",", " ").split())
    for concept in (*concepts, *broader):
        if not _CONCEPT.fullmatch(concept):
            raise ValueError(f"{concept} is no concept, such as cat:sofa, col:red or f:foldable")
    phrases = {language: _phrases(column) for language, column in zip(LANGUAGES, columns[1:], strict=True)}
    if not concepts or not any(phrases.values()):
        raise ValueError("a concept and a phrase are expected")
    return Entry(concepts, broader, phrases)


def _phrases(column: str) -> tuple[str, ...]:
    phrases = tuple(phrase.strip() for phrase in column.split(",") if phrase.strip())
    for phrase in phrases:
        if len(phrase) > MOST_PHRASE:
            raise ValueError(f"a phrase is longer than {MOST_PHRASE} characters")
    return phrases
