"""Reads what a user types into a search field.

    bicycle "good condition" -broken vel* from:alice has:image before:2026-11-01

What is not an operator is a word, so no text is an error. What cannot be searched is ignored, and the answer says so.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from chatapp import clock
from chatapp.search.marks import HAS
from chatapp.search.stemming import stems_in_query
from chatapp.search.tokens import STEM, Token, tokens_of

MAX_TERMS = 16  # words, phrases and operators of a query: each is a look-up in the index
MAX_LETTERS = 1000  # characters of a query

Kind = Literal["from", "in", "has"]

# A word may be preceded by a minus; an operator's value and a phrase may be quoted. A missing quote is at the end.
_PART = re.compile(r'(-?)(?:(\w+):("[^"]*"?|[^\s"]+)|"([^"]*)"?|([^\s"]+))')
_DAY = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")


@dataclass(frozen=True, slots=True)
class Element:
    """A token to look for.

    Attributes:
        is_prefix: whether longer tokens with this beginning count, too.
    """

    lexeme: str
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase to look for.

    Attributes:
        text: as typed.
        chain: tokens that must follow each other.
        forms: for a word that is not quoted: other tokens that count as well, those of its stems.
    """

    text: str
    chain: tuple[Element, ...]
    forms: tuple[str, ...] = ()
    is_negated: bool = False

    @property
    def prefix(self) -> str | None:
        """The beginning that it looks for; None if it looks for whole tokens."""
        return self.chain[-1].lexeme if self.chain[-1].is_prefix else None


@dataclass(frozen=True, slots=True)
class Filter:
    """An operator: `from` a user, `in` a chat, or what a message `has`; the value is as typed."""

    kind: Kind
    value: str
    is_negated: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for.

    Attributes:
        before, after: bounds of the time; `after` is included, `before` is not.
        ignored: parts of the text that are not looked for.
    """

    terms: tuple[Term, ...] = ()
    filters: tuple[Filter, ...] = ()
    before: dt.datetime | None = None
    after: dt.datetime | None = None
    ignored: tuple[str, ...] = field(default=())

    @property
    def is_positive(self) -> bool:
        """Whether it says what a message must have, not only what it must not, or when it was sent."""
        return bool(self.positive_terms) or any(not wanted.is_negated for wanted in self.filters)

    @property
    def positive_terms(self) -> list[Term]:
        """Words and phrases that a message must have."""
        return [term for term in self.terms if not term.is_negated]


def parse(text: str) -> Query:
    """Read a query; never fails."""
    reader = _Reader()
    for match in _PART.finditer(text):
        minus, name, value, phrase, word = match.groups()
        reader.read(match[0], bool(minus), name, value, phrase, word)
    return reader.query()


class _Reader:
    def __init__(self) -> None:
        self._terms: list[Term] = []
        self._filters: list[Filter] = []
        self._before: list[dt.datetime] = []
        self._after: list[dt.datetime] = []
        self._ignored: list[str] = []

    def read(
        self, text: str, is_negated: bool, name: str | None, value: str | None, phrase: str | None, word: str | None
    ) -> None:
        """Take the next part, in its pieces."""
        if len(self._terms) + len(self._filters) >= MAX_TERMS:
            self._ignored.append(text)
        elif name is not None and value is not None and name.lower() in _OPERATORS:
            self._operator(text, is_negated, name.lower(), value.strip('"'))
        else:
            given = phrase if phrase is not None else word if word is not None else f"{name}:{value}"
            self._term(text, is_negated, given, is_quoted=phrase is not None)

    def _operator(self, text: str, is_negated: bool, name: str, value: str) -> None:
        if name == "has":
            is_known = value.lower() in HAS
            if is_known:
                self._filters.append(Filter("has", value.lower(), is_negated))
        elif name == "from" or name == "in":
            is_known = bool(value)
            if is_known:
                self._filters.append(Filter("from" if name == "from" else "in", value, is_negated))
        else:
            is_known = not is_negated and self._bound(name, value)
        if not is_known:
            self._ignored.append(text)

    def _bound(self, name: str, value: str) -> bool:
        found = interval(value)
        if found is None:
            return False
        start, end = found
        if name in ("after", "on"):
            self._after.append(end if name == "after" else start)
        if name in ("before", "on"):
            self._before.append(start if name == "before" else end)
        return True

    def _term(self, text: str, is_negated: bool, given: str, *, is_quoted: bool) -> None:
        is_prefix = not is_quoted and given.endswith("*")
        tokens = list(tokens_of(given))
        chain = tuple(_chain(tokens, is_prefix))
        if not chain:
            self._ignored.append(text)
            return
        is_word = not is_quoted and not is_prefix and not is_negated and len(tokens) == 1 and bool(tokens[0].word)
        self._terms.append(Term(text, chain, _forms(tokens[0]) if is_word else (), is_negated))

    def query(self) -> Query:
        return Query(
            tuple(self._terms),
            tuple(self._filters),
            min(self._before, default=None),
            max(self._after, default=None),
            tuple(self._ignored),
        )


_OPERATORS = ("from", "in", "has", "before", "after", "on")


def _chain(tokens: list[Token], is_prefix: bool) -> Iterator[Element]:
    """The tokens of a phrase. A run of characters at its end may go on in the text."""
    last = len(tokens) - 1
    for index, token in enumerate(tokens):
        if not token.ends_run:
            yield Element(token.lexeme, is_prefix and index == last)
        elif index < last:
            yield Element(token.lexeme)
        elif index == 0 or tokens[index - 1].word or tokens[index - 1].ends_run:
            yield Element(token.lexeme, is_prefix=True)  # a single character: also the first of a pair


def _forms(token: Token) -> tuple[str, ...]:
    """What counts as the same word: its stems, and words that are a stem of it, or of which it is the stem."""
    found = stems_in_query(token.word)
    marked = (STEM + token.lexeme, *(STEM + stem for stem in found))
    return tuple(dict.fromkeys((*marked, *(stem for stem in found if stem != token.lexeme))))


def interval(text: str) -> tuple[dt.datetime, dt.datetime] | None:
    """The start and the end of a year, a month or a day in UTC, or a time twice; None for any other text."""
    match = _DAY.fullmatch(text)
    try:
        if match is None:
            moment = clock.parse_rfc3339(text)
            return moment, moment
        year, month, day = (int(part) if part else 0 for part in match.groups())
        start = dt.datetime(year, month or 1, day or 1, tzinfo=dt.UTC)
        if day:
            return start, start + dt.timedelta(days=1)
        return start, start.replace(year=year + (month in (0, 12)), month=month % 12 + 1 if month else 1)
    except (ValueError, OverflowError):
        return None
