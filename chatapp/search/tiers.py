"""How well a text matches a query, and the query of the index for each degree.

In the order of relevance, the words of a query are found next to each other, then as they are written, then in other
forms. Each text is in one tier at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from chatapp.search.query import Element, Query, Term
from chatapp.search.tokens import quoted


class Tier(IntEnum):
    """A degree of relevance; a lower one is better."""

    ANY = 0  # all of the following, where the order is that of time
    PHRASE = 1  # the words of the query follow each other
    WORDS = 2  # all words of the query, as they are written
    FORMS = 3  # all words, at least one of them in another form


def tiers_of(query: Query) -> list[Tier]:
    """The tiers that texts may be in, the best first."""
    words = free_words(query)
    return [*([Tier.PHRASE] if len(words) > 1 else ()), Tier.WORDS, *([Tier.FORMS] if words else ())]


def free_words(query: Query) -> list[Term]:
    """Words of a query that are neither quoted nor prefixes nor negated: they are found in other forms as well."""
    return [term for term in query.terms if term.forms]


def phrase_of(query: Query) -> tuple[Element, ...]:
    """The words of a query as a phrase; empty if there are fewer than two."""
    words = free_words(query)
    return tuple(element for term in words for element in term.chain) if len(words) > 1 else ()


def conditions(query: Query, tier: Tier) -> list[str]:
    """The conditions of a tier, each a `tsquery`; all of them must hold."""
    words, phrase = free_words(query), phrase_of(query)
    fixed = [("!" if term.is_negated else "") + _chain(term.chain) for term in query.terms if not term.forms]
    exact = [_chain(term.chain) for term in words]
    forms = [f"({' | '.join([exact[index], *map(quoted, term.forms)])})" for index, term in enumerate(words)]
    if tier is Tier.PHRASE:
        return [_chain(phrase), *fixed]
    if tier is Tier.WORDS:
        return [*exact, *([f"!{_chain(phrase)}"] if phrase else ()), *fixed]
    if tier is Tier.FORMS:
        return [*forms, f"!({' & '.join(exact)})", *fixed]
    return [*forms, *fixed]


def _chain(elements: Sequence[Element]) -> str:
    return "(" + " <-> ".join(quoted(each.lexeme) + (":*" if each.is_prefix else "") for each in elements) + ")"
