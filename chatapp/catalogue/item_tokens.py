"""The tokens of a ware, as the index stores them.

| token | of |
|---|---|
| `cat:sofa`, `col:grey`, … | concepts, with everything that they are a kind of |
| `m:gb:128`, `n:26` | measures; each number |
| `kestrel`, `~kestrel` | words that are not without meaning, folded, and their stems |
| `จั`, `ัก`, … | pairs of neighbouring Thai characters |
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from chatapp.catalogue.amounts import Amounts
from chatapp.catalogue.lexicon import kind_of
from chatapp.catalogue.reader import Reader
from chatapp.catalogue.reading import Alternatives, Reading
from chatapp.catalogue.words import Kind, digits_in, pieces_of
from chatapp.search.stemming import stems
from chatapp.search.tokens import STEM, quoted, tokens_of

MOST_READ = 3000  # characters of a description that are indexed: some 20 ms
MOST_ATTRIBUTES = 2000  # characters of all attributes
MOST_CATEGORY = 200  # characters of the category
_WIDEST_RANGE = 12  # numbers of a range that are all indexed: sizes 38-41
_ONCE = frozenset({"col", "who", "cond"})  # where a title says it, a description is about something else: black legs


@dataclass(frozen=True, slots=True)
class ItemText:
    """What the host says about a ware, in words."""

    title: str
    description: str = ""
    category: str | None = None
    attributes: Mapping[str, str | float] | None = None


@dataclass(frozen=True, slots=True)
class ItemTokens:
    """The tokens of a ware.

    Attributes:
        lexemes: all of them.
        words: those that the lexicon does not explain: a question may have them misspelt.
        names: the words of the title among them.
    """

    lexemes: frozenset[str]
    words: frozenset[str]
    names: frozenset[str]

    @property
    def vector(self) -> str:
        """The tokens in the format of a `tsvector`."""
        return " ".join(map(quoted, sorted(self.lexemes)))


def tokens_of_item(item: ItemText, reader: Reader) -> ItemTokens:
    """The tokens of a ware."""
    title = reader.read_ware(item.title, "en")
    description = reader.read_ware(item.description[:MOST_READ], title.language)
    category = reader.read_ware((item.category or "")[:MOST_CATEGORY], title.language)
    attributes = [reader.read_ware(text, title.language) for text in _attribute_texts(item.attributes or {})]
    concepts = {*_heads(category, title), *_conditions(title, *attributes, category)}
    said = {kind_of(concept) for concept in concepts}
    described = (*_conditions(description), *_further(description, concepts))
    concepts |= {each for each in described if kind_of(each) not in _ONCE & said}
    concepts |= {f"also:{each[4:]}" for reading in (description, title, category) for each in _categories(reading)}
    concepts = {each for concept in concepts for each in reader.lexicon.with_broader(concept)}
    readings = (title, description, category, *attributes)
    texts = (item.title, item.description[:MOST_READ], item.category or "", *_attribute_texts(item.attributes or {}))
    words = frozenset(word for reading in readings for word in reading.words)
    lexemes = {*concepts, *_measures(readings), *(lexeme for text in texts for lexeme in _words(text, reader))}
    return ItemTokens(frozenset(lexemes), words, frozenset(title.words))


def _attribute_texts(attributes: Mapping[str, str | float]) -> list[str]:
    """The attributes as a person would write them, such as `RAM 16 GB`, until there is too much to read."""
    texts: list[str] = []
    left = MOST_ATTRIBUTES
    for name, value in attributes.items():
        texts.append(f"{name} {value if isinstance(value, str) else f'{value:g}'}"[:left])
        left -= len(texts[-1])
        if left <= 0:
            break
    return texts


def _heads(category: Reading, title: Reading) -> Iterator[str]:
    """The concepts of the categories that a ware is of: what the host says, and what its title says."""
    for reading in (category, title):
        for alternatives in reading.heads:
            yield from _all(alternatives)


def _conditions(*readings: Reading) -> Iterator[str]:
    for reading in readings:
        for alternatives in reading.conditions:
            yield from _all(alternatives)


def _further(description: Reading, concepts: set[str]) -> Iterator[str]:
    """What a description says beside the category, if that is the ware's: "Smartwatch." below a watch."""
    for alternatives in description.heads:
        for sense in alternatives:
            if concepts.issuperset(concept for concept in sense if concept.startswith("cat:")):
                yield from (concept for concept in sense if not concept.startswith("cat:"))


def _categories(reading: Reading) -> Iterator[str]:
    """All categories that a text names, as `cat:…`; and the other concepts of its heads."""
    for alternatives in reading.heads:
        yield from (concept for concept in _all(alternatives) if concept.startswith("cat:"))
    yield from (f"cat:{concept[5:]}" for concept in reading.mentioned)


def _all(alternatives: Alternatives) -> Iterator[str]:
    for sense in alternatives:
        yield from sense


def _measures(readings: Iterable[Reading]) -> Iterator[str]:
    for reading in readings:
        amounts = reading.amounts
        for measure in amounts.measures:
            for number in _numbers_between(measure.low, measure.high):
                yield from (f"m:{measure.unit}:{number:g}", f"m:{measure.unit}:{int(number)}", f"n:{number:g}")
        for size in amounts.sizes:
            yield f"m:size:{size}"
        yield from (f"n:{number:g}" for number in _loose_numbers(amounts))


def _loose_numbers(amounts: Amounts) -> Iterator[float]:
    yield from amounts.numbers
    yield from (float(size) for size in amounts.sizes if size.replace(".", "", 1).isdigit())
    for price in amounts.prices:  # "38-41" without a unit is read as a price
        yield from _numbers_between(price.low, price.high)


def _numbers_between(low: float | None, high: float | None) -> list[float]:
    ends = [end for end in (low, high) if end is not None]
    if len(ends) == 2 and float(ends[0]).is_integer() and 1 < ends[1] - ends[0] <= _WIDEST_RANGE:
        return [ends[0] + step for step in range(int(ends[1] - ends[0]) + 1)]
    return ends


def _words(text: str, reader: Reader) -> Iterator[str]:
    """Words with their stems, the numbers within words, and pairs of Thai characters."""
    for piece in pieces_of(text):
        if piece.kind is Kind.WORD:
            yield piece.folded
            yield from (STEM + stem for stem in stems(piece.text))
            yield from (f"n:{int(digits)}" for digits in digits_in(piece.folded) if len(digits) < 9)
        elif piece.kind is Kind.RUN:
            yield from (token.lexeme for token in tokens_of(piece.text) if not token.ends_run)
