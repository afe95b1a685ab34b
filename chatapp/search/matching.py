"""Which parts of a text match a query.

The index may be older than a text, so every result is compared with the text as it is now: what was edited out of a
message is not found, and no deleted word shows by being found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chatapp.search.query import Element, Query, Term
from chatapp.search.stemming import stems
from chatapp.search.tiers import Tier, phrase_of
from chatapp.search.tokens import STEM, Token, tokens_of

Span = tuple[int, int]  # offsets in a text: start, and end, which is not included


class Text:
    """A text with its tokens."""

    def __init__(self, content: str) -> None:
        self._at: dict[int, Token] = {}
        self._positions: dict[str, list[int]] = {}
        self._words: dict[str, list[Token]] = {}
        for token in tokens_of(content):
            self._at[token.position] = token
            self._positions.setdefault(token.lexeme, []).append(token.position)
            if token.word:
                self._words.setdefault(token.word, []).append(token)

    def chains(self, elements: Sequence[Element]) -> Iterator[Span]:
        """Where tokens follow each other as in a phrase."""
        first, *rest = elements
        for position in self._starts(first):
            if all(self._has(element, position + 1 + offset) for offset, element in enumerate(rest)):
                yield self._at[position].start, _end(self._at[position + len(rest)], elements[-1])

    def forms(self, forms: Sequence[str]) -> Iterator[Span]:
        """Where words have one of these stems, or are one of these words."""
        wanted = frozenset(forms)
        for word, tokens in self._words.items():
            if tokens[0].lexeme in wanted or any(STEM + stem in wanted for stem in stems(word)):
                yield from ((token.start, token.end) for token in tokens)

    def has_all(self, chains: Sequence[Sequence[Element]]) -> bool:
        """Whether each of these phrases is in the text."""
        return all(next(self.chains(chain), None) for chain in chains)

    def _starts(self, element: Element) -> list[int]:
        if not element.is_prefix:
            return self._positions.get(element.lexeme, [])
        found = (at for lexeme, at in self._positions.items() if lexeme.startswith(element.lexeme))
        return sorted(position for positions in found for position in positions)

    def _has(self, element: Element, position: int) -> bool:
        token = self._at.get(position)
        return token is not None and _is(token, element)


def _is(token: Token, element: Element) -> bool:
    return token.lexeme == element.lexeme or (element.is_prefix and token.lexeme.startswith(element.lexeme))


def _end(token: Token, element: Element) -> int:
    """The end of a match: of the whole word, or of the character that was looked for in a run."""
    return token.end if token.word else token.start + len(element.lexeme)


def tier_of(query: Query, text: Text) -> Tier | None:
    """How well a text matches the words of a query; None if it does not."""
    fixed = [term for term in query.terms if not term.forms]
    if any(text.has_all([term.chain]) == term.is_negated for term in fixed):
        return None
    words = [term for term in query.terms if term.forms]
    if text.has_all([term.chain for term in words]):
        phrase = phrase_of(query)
        return Tier.PHRASE if phrase and text.has_all([phrase]) else Tier.WORDS
    return Tier.FORMS if all(_has_form(term, text) for term in words) else None


def spans(query: Query, text: Text) -> list[Span]:
    """The parts of a text that match, in order, without overlaps. A phrase is one, with what is between its words."""
    found = sorted(
        span
        for term in query.positive_terms
        for span in (*text.chains(term.chain), *(text.forms(term.forms) if term.forms else ()))
    )
    merged: list[Span] = []
    for start, end in found:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _has_form(term: Term, text: Text) -> bool:
    return next(text.chains(term.chain), None) is not None or next(text.forms(term.forms), None) is not None
