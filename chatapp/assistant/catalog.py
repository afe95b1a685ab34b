"""The adapter `catalog`: understands wishes by concepts and answers with items, without any model.

Every question is read as a wish (`catalogue/`). Without a category it changes the wish before it: "and in brown?".
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

from chatapp.assistant import catalog_assortment as assortment
from chatapp.assistant.catalog_memory import Memory, memory_of
from chatapp.assistant.catalog_texts import Speaker, amount, available, base_language
from chatapp.assistant.item_catalogue import card
from chatapp.assistant.port import Cards, Choices, Delta, Done, HandOver, ItemCard, ItemRef, State, Step, Turn
from chatapp.catalogue.lexicon import LANGUAGES
from chatapp.catalogue.reader import MOST_QUESTION
from chatapp.catalogue.reading import Reading
from chatapp.catalogue.wish import Wish, refined, wish_of
from chatapp.infra.postgres import database_connection
from chatapp.queries import item_search
from chatapp.queries.item_search import FoundItem, ItemWords, Result
from chatapp.queries.shop import shop
from chatapp.search.folding import has_cyrillic

SHOWN = 3  # cards of an answer; "more" shows the next ones
MANY = 12  # items of a category; with more the answer asks what matters
MOST_COMPARED = 4
_TALK = frozenset({"greet", "thanks", "gift", "help", "assortment"})
_STEP = 0.01  # of the shop's currency: what is cheaper costs at least this much less


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer.

    Attributes:
        hands_over: whether a human should take over.
    """

    text: str
    memory: Memory
    cards: Cards | None = None
    choices: tuple[str, ...] = ()
    hands_over: bool = False


class CatalogAdapter:
    """Answers from the index of items."""

    name = "catalog"

    def answer(self, turn: Turn) -> Generator[Step, None, None]:
        """Answer a turn; see the port."""
        yield State("searching")
        with database_connection():  # none is held while a step is sent
            found = _Conversation(turn).answer()
        yield Delta(found.text)
        if found.cards is not None:
            yield found.cards
        if found.choices:
            yield Choices(found.choices)
        if found.hands_over:
            yield HandOver("asked for a human")
        yield Done("stop", wish=found.memory.to_json())


def said_last(turn: Turn) -> str:
    """What the visitor has said since the last answer: several messages are one question."""
    lines: list[str] = []
    for line in reversed(turn.history):
        if line.role != "visitor":
            break
        lines.append(line.text)
    return "\n".join(reversed(lines))[-MOST_QUESTION:]


class _Conversation:
    """One turn, with what was said before it."""

    def __init__(self, turn: Turn) -> None:
        self._shop = shop()
        self._turn = turn
        self._memory = memory_of(turn)
        text = said_last(turn)
        base = base_language(turn.language)
        self._reading = self._shop.reader.read(text, base if base in LANGUAGES else "en", ItemWords())
        if "start-over" in self._reading.wishes:
            self._memory = Memory()
        self._speaker = Speaker(_language(turn.language, self._reading, text), self._shop.reader.lexicon)

    def answer(self) -> Answer:
        """The answer: by what the visitor wants to do, else by the wish."""
        reading, wishes = self._reading, self._reading.wishes
        if "human" in wishes and not reading.heads:
            return Answer(self._say("human"), self._memory, hands_over=True)
        if not reading.heads and (reading.positions or wishes & {"compare", "details"}):
            return self._about_shown()
        if not _has_substance(reading) or self._asks_for_gift():
            return self._without_wish()
        return self._search(self._wished())

    def _without_wish(self) -> Answer:
        """The answer to what says nothing about wares."""
        wishes = self._reading.wishes
        if not self._memory.wish.is_empty:
            if "cheaper" in wishes or "dearer" in wishes:
                return self._step("cheaper" if "cheaper" in wishes else "dearer")
            if wishes & {"cheapest", "dearest", "cheap"}:
                return self._search(replace(self._memory.wish, order=self._own().order))
            if "another" in wishes:
                return self._another()
        for wish in ("assortment", "gift"):
            if wish in wishes:
                return self._ask("assortment" if wish == "assortment" else "ask_gift")
        for wish in ("greet", "thanks"):
            if wish in wishes:
                return Answer(self._say(wish), self._memory)
        return self._ask("ask")

    def _asks_for_gift(self) -> bool:
        """Whether a gift is wished, and neither which one nor at what price."""
        reading = self._reading
        return "gift" in reading.wishes and not (reading.heads or reading.words or reading.amounts.prices)

    def _is_talk(self) -> bool:
        """Whether words that no item has stand beside a wish to do something: "super, thanks"."""
        reading = self._reading
        return bool(reading.wishes & _TALK) and not (reading.heads or reading.conditions)

    def _own(self) -> Wish:
        return wish_of(self._reading, self._shop.rates)

    def _wished(self) -> Wish:
        """The wish so far; what was said now by itself, if it names something of the shop that is not of that wish."""
        own = self._own()
        before = self._memory.wish
        if own.heads or before.is_empty:
            return own
        both = refined(before, own)
        is_name = bool(own.words or own.runs) and not own.conditions
        if is_name and not item_search.find(both, limit=1).is_exact and item_search.find(own, limit=1).is_exact:
            return own
        return both

    def _search(self, wish: Wish) -> Answer:
        """The items that meet a wish."""
        wishes = self._reading.wishes
        is_single = bool(wishes & {"cheapest", "dearest"})
        if not wish.order and "cheaper" in wishes:
            wish = replace(wish, order="cheap")
        result = item_search.find(wish, limit=1 if is_single else SHOWN)
        memory = Memory(wish, self._memory.last)
        if not result.items:
            return self._without_wish() if self._is_talk() else self._nothing(memory)
        if not result.is_exact:
            return self._showing(self._say("near"), wish, result)
        if is_single:
            return self._showing(self._say("dearest" if "dearest" in wishes else "cheapest"), wish, result)
        found = self._showing(self._counted(result), wish, result)
        if wish.is_only_category and result.found > MANY:
            return self._narrowing(found, wish, result.found)
        return found

    def _counted(self, result: Result) -> str:
        if result.found == 1:
            return self._say("found_one")
        if result.found <= len(result.items):
            return self._say("found_all", count=result.found)
        return self._say("found_some", count=result.found, shown=len(result.items))

    def _narrowing(self, found: Answer, wish: Wish, total: int) -> Answer:
        """The answer with a question about what distinguishes the items most."""
        choices = tuple(self._speaker.names(assortment.distinguishing(wish, total, self._shop.reader.lexicon)))
        if len(choices) < 2:
            return found
        text = f"{found.text}\n{self._say('narrow', choices=', '.join(choices))}"
        return replace(found, text=text, choices=choices)

    def _nothing(self, memory: Memory) -> Answer:
        names = self._speaker.names(assortment.categories(self._shop.reader.lexicon))
        text = self._say("none_but", categories=", ".join(names)) if names else self._say("none")
        return Answer(text, replace(memory, wish=self._memory.wish), Cards((), 0, False), tuple(names))

    def _ask(self, key: str) -> Answer:
        """A question back, with what the shop has."""
        names = self._speaker.names(assortment.categories(self._shop.reader.lexicon))
        if not names:
            return Answer(self._say("ask_openly"), self._memory)
        return Answer(self._say(key, categories=", ".join(names)), self._memory, choices=tuple(names))

    def _step(self, direction: str) -> Answer:
        """What costs less than the cheapest shown item, or more than the dearest one."""
        wish = self._memory.wish
        prices = [item.base_price for item in self._shown_last() if item.base_price is not None]
        if direction == "cheaper":
            wish = replace(wish, low=None, high=min(prices) - _STEP if prices else wish.high, order="cheap")
        else:
            wish = replace(wish, low=max(prices) + _STEP if prices else wish.low, high=None, order="")
        result = item_search.find(wish, limit=SHOWN)
        if not result.items or not result.is_exact:
            return Answer(self._say(f"{direction}_none"), self._memory, Cards((), 0, False))
        return self._showing(self._say(direction), wish, result)

    def _another(self) -> Answer:
        """Items of the same wish that were not shown yet."""
        seen = [(ref.kind, ref.id) for ref in dict.fromkeys([*self._memory.last, *self._turn.shown])]
        result = item_search.find(self._memory.wish, limit=SHOWN, exclude=seen)
        if not result.items or not result.is_exact:
            return Answer(self._say("another_none"), self._memory, Cards((), 0, False))
        return self._showing(self._say("another"), self._memory.wish, result)

    def _about_shown(self) -> Answer:
        """A comparison, or details, of items that were shown."""
        shown = self._shown_last()
        compares = "compare" in self._reading.wishes
        chosen = _at(self._reading.positions, shown)
        if not chosen:
            chosen = shown[:2] if compares else shown[:1]
        if compares and len(chosen) < 2:
            return Answer(self._say("compare_nothing"), self._memory)
        if not chosen:
            return Answer(self._say("details_nothing"), self._memory)
        cards = tuple(map(card, chosen[:MOST_COMPARED]))
        lines = [self._say("compare" if compares else "details"), self._speaker.described(cards)]
        if compares and (difference := self._difference(chosen)):
            lines.append(difference)
        return Answer("\n".join(lines), self._memory, Cards(cards, len(cards)))

    def _difference(self, items: Sequence[FoundItem]) -> str:
        """Which of two items costs less; empty if that is unknown."""
        priced = sorted((item.base_price, item.title) for item in items if item.base_price is not None)
        if len(items) != 2 or len(priced) != 2 or priced[1][0] - priced[0][0] < _STEP:
            return ""
        difference = amount(priced[1][0] - priced[0][0], self._shop.rates.currency)
        return self._say("compare_cheaper", title=priced[0][1], difference=difference)

    def _shown_last(self) -> list[FoundItem]:
        """The items of the last answer that had any, else the one whose page the visitor is on."""
        refs: Sequence[ItemRef] = self._memory.last or ((self._turn.place,) if self._turn.place else ())
        return item_search.get([(ref.kind, ref.id) for ref in refs])

    def _showing(self, text: str, wish: Wish, result: Result) -> Answer:
        cards: tuple[ItemCard, ...] = tuple(map(card, result.items))
        memory = Memory(wish, tuple(each.ref for each in cards))
        return Answer(text, memory, Cards(cards, result.found, result.is_exact))

    def _say(self, key: str, **values: object) -> str:
        return self._speaker.say(key, **values)


def _has_substance(reading: Reading) -> bool:
    """Whether a text says more about wares than that they should be good."""
    return replace(
        reading, conditions=tuple(each for each in reading.conditions if each[0][0][:5] != "soft:")
    ).describes


def _at(positions: Sequence[int], items: Sequence[FoundItem]) -> list[FoundItem]:
    """The items at positions that count from 1; -1 is the last one."""
    indexes = [position - 1 if position > 0 else position for position in positions]
    return [items[index] for index in indexes if -len(items) <= index < len(items)]


def _language(turn_language: str, reading: Reading, text: str) -> str:
    """The language to answer in: that of the question, in its script."""
    if reading.language == "sr" and any(letter.isalpha() for letter in text):
        return "sr-Cyrl" if has_cyrillic(text) else "sr-Latn"
    if reading.language == base_language(turn_language) or (not reading.describes and not reading.wishes):
        return available(turn_language)
    return available(reading.language)
