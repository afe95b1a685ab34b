"""What the adapter `catalog` says, in the language of the visitor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chatapp.assistant.port import ItemCard
from chatapp.catalogue.lexicon import Lexicon
from chatapp.catalogue.serbian import in_cyrillic
from chatapp.text import texts

MOST_DESCRIPTION = 300  # characters of a description in an answer


def base_language(tag: str) -> str:
    """`sr` of `sr-Cyrl`."""
    return tag.partition("-")[0].lower()


def available(tag: str) -> str:
    """The language of texts for a tag."""
    if tag in texts.LANGUAGES:
        return tag
    base = base_language(tag)
    if base == "sr":
        return "sr-Latn"
    return base if base in texts.LANGUAGES else texts.DEFAULT_LANGUAGE


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says things in one language.

    Attributes:
        language: one of `texts.LANGUAGES`.
    """

    language: str
    lexicon: Lexicon

    def say(self, key: str, **values: object) -> str:
        """A text of the catalogue."""
        return texts.find("assistant", key, self.language).format(**values)

    def names(self, concepts: Iterable[str]) -> list[str]:
        """What concepts are called."""
        names = [self.lexicon.name(concept, base_language(self.language)) for concept in concepts]
        return [in_cyrillic(name) for name in names] if self.language == "sr-Cyrl" else names

    def price(self, card: ItemCard) -> str:
        """The price of a card."""
        if card.price is None or card.currency is None:
            return self.say("no_price")
        return amount(float(card.price), card.currency)

    def described(self, cards: Sequence[ItemCard]) -> str:
        """Several items, one a line, with the beginnings of their descriptions."""
        return "\n".join(
            f"{number}. {card.title}: {self.price(card)}"
            + (f". {_shortened(card.description)}" if card.description else "")
            for number, card in enumerate(cards, 1)
        )


def amount(value: float, currency: str) -> str:
    """`1299.5` as `1299.50 EUR`; whole amounts without cents."""
    return f"{value:.0f} {currency}" if round(value, 2) == round(value) else f"{value:.2f} {currency}"


def _shortened(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= MOST_DESCRIPTION else one_line[: MOST_DESCRIPTION - 1] + "…"
