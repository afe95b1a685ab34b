"""Judges answers to questions about the items of a shop."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from bench.assistant.question_sets import Question, Shop, Ware


@dataclass
class Said:
    """An answer.

    Attributes:
        ids: of the shown cards.
        is_exact: whether they are said to meet the wish.
        seconds: from the question to the answer; 0 where nothing measures it.
    """

    text: str = ""
    ids: list[int] = field(default_factory=list)
    found: int = 0
    is_exact: bool = True
    choices: tuple[str, ...] = ()
    hands_over: bool = False
    seconds: float = 0.0


class Asks(Protocol):
    """A visitor in a session of its own."""

    def asks(self, text: str) -> Said:
        """Say something, and receive the answer."""
        ...


def kind_of(said: Said) -> str:
    """cards, none, ask or talk."""
    if said.ids or not said.is_exact:
        return "cards" if said.ids and said.is_exact else "none"
    return "ask" if said.choices and not said.hands_over else "talk"


@dataclass
class Verdict:
    """How good an answer is.

    Attributes:
        fitting: how many of the shown cards meet all wishes.
        seconds: of each turn.
        note: what was answered, for people.
    """

    question: Question
    hit_at_1: bool
    hit_at_3: bool
    fitting: int
    shown: int
    is_right_kind: bool
    seconds: tuple[float, ...]
    note: str

    @property
    def is_flawless(self) -> bool:
        """Whether nothing of the answer is wrong."""
        return self.hit_at_3 and self.is_right_kind and self.fitting == self.shown


def judged(question: Question, visitor: Asks, shop: Shop) -> Verdict:
    """Ask a question and judge the answer to its last turn."""
    answers = [Said(), *map(visitor.asks, question.turns)]
    before, said = answers[-2:]
    fits = [_fits(item_id, index, question, before, shop) for index, item_id in enumerate(said.ids)]
    kind = kind_of(said)
    is_right_kind = kind == question.kind
    if question.kind != "cards":
        hits = (is_right_kind, is_right_kind)
        fits = []
    elif question.rule == "cheaper" and kind == "none" and not said.ids:
        is_right_kind = not _cheaper(question, before, shop)
        hits = (is_right_kind, is_right_kind)
    elif question.rule == "compare":
        is_whole = len(said.ids) == 2 and set(said.ids) <= set(before.ids) and said.is_exact
        hits = (is_whole, is_whole)
    else:
        hits = (bool(fits[:1]) and fits[0] and said.is_exact, any(fits[:3]) and said.is_exact)
    titles = [shop.wares[item_id].title for item_id in said.ids[:3]]
    note = f"{question.id} {list(question.turns)} {question.kind} {question.rule}: {said.text!r} {titles}"
    seconds = tuple(answer.seconds for answer in answers[1:])
    return Verdict(question, *hits, sum(fits), len(fits), is_right_kind, seconds, note)


def _fits(
    item_id: int,
    index: int,
    question: Question,
    before: Said,
    shop: Shop,
) -> bool:
    match question.rule:
        case "cheapest":
            return item_id in question.expected
        case "cheaper":
            return item_id in _cheaper(question, before, shop)
        case "another":
            return _meets(item_id, question, shop) and item_id not in before.ids
        case "compare":
            return item_id in before.ids and _meets(item_id, question, shop)
        case str(rule) if rule.startswith("nth:"):
            return [item_id] == before.ids[int(rule[4:]) - 1 : int(rule[4:])] and index == 0
    return _meets(item_id, question, shop)


def _cheaper(question: Question, before: Said, shop: Shop) -> frozenset[int]:
    """The wares that meet the wishes and cost less than the cheapest that was shown."""
    least = min((shop.wares[item_id].euros for item_id in before.ids), default=0.0)
    return frozenset(
        item_id for item_id, ware in shop.wares.items() if ware.euros < least and _meets(item_id, question, shop)
    )


def _meets(item_id: int, question: Question, shop: Shop) -> bool:
    if not question.want:
        return item_id in question.expected
    return all(_has(shop.wares[item_id], shop.truth[item_id], name, wanted) for name, wanted in question.want)


def _has(ware: Ware, true: dict[str, Any], name: str, wanted: Any) -> bool:
    if name == "max":
        return bool(ware.euros <= wanted)
    if name == "min":
        return bool(ware.euros >= wanted)
    return bool(true.get(name) == wanted)


@dataclass
class Score:
    """Shares over some questions."""

    questions: int
    hit_at_1: float
    hit_at_3: float
    fitting: float
    right_kind: float

    def __str__(self) -> str:
        shares = (self.hit_at_1, self.hit_at_3, self.fitting, self.right_kind)
        return f"{self.questions:4}  " + "  ".join(f"{100 * share:5.1f} %" for share in shares)


def score(verdicts: Iterable[Verdict]) -> Score:
    """The shares of hits, of shown cards that fit, and of answers of the right kind."""
    found = list(verdicts)
    shown = sum(verdict.shown for verdict in found)
    return Score(
        len(found),
        sum(verdict.hit_at_1 for verdict in found) / len(found),
        sum(verdict.hit_at_3 for verdict in found) / len(found),
        sum(verdict.fitting for verdict in found) / shown if shown else 1.0,
        sum(verdict.is_right_kind for verdict in found) / len(found),
    )


def by_language(verdicts: Iterable[Verdict]) -> dict[str, Score]:
    """The scores by language, and of all."""
    found = list(verdicts)
    groups: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in found:
        groups[verdict.question.language].append(verdict)
    return {language: score(group) for language, group in groups.items()} | {"all": score(found)}
