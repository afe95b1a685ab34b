"""What a text asks for, or what a ware is: its categories, concepts, measures, prices and remaining words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from chatapp.catalogue.amounts import Amounts, amounts_of
from chatapp.catalogue.lexicon import Lexicon, Sense, kind_of
from chatapp.catalogue.marks import Mark
from chatapp.catalogue.words import Kind

LONGEST_RUN = 40  # characters of unexplained Thai that are looked for
_SHORTEST_RUN = 2

Alternatives = tuple[Sense, ...]
"""Senses of which one must fit."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A text, read.

    Attributes:
        language: `en`, `ru`, `sr` or `th`.
        heads: categories, each with its alternatives; of a question with "or" there may be several.
        mentioned: further categories.
        conditions: everything else that describes wares, each with its alternatives.
        excluded: the same with "not" before it.
        words: folded, that the lexicon does not explain.
        runs: of Thai, that it does not explain.
        wishes: what the visitor wants to do.
        positions: which of the shown wares are meant; -1 is the last one.
        joins: whether "or" is in the text.
        head_words: the words of the only category, folded.
    """

    language: str
    amounts: Amounts
    heads: tuple[Alternatives, ...] = ()
    mentioned: tuple[str, ...] = ()
    conditions: tuple[Alternatives, ...] = ()
    excluded: tuple[Alternatives, ...] = ()
    words: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    wishes: frozenset[str] = frozenset()
    positions: tuple[int, ...] = ()
    joins: bool = False
    head_words: tuple[str, ...] = ()

    @property
    def describes(self) -> bool:
        """Whether it says anything about wares."""
        amounts = self.amounts
        has_amounts = bool(amounts.prices or amounts.measures or amounts.sizes or amounts.numbers)
        return bool(self.heads or self.conditions or self.excluded or self.words or self.runs or has_amounts)


def reading_of(marks: Sequence[Mark], language: str, lexicon: Lexicon, *, is_ware: bool = False) -> Reading:
    """Sort the marks of a text.

    Parameters:
        is_ware: whether the text describes a ware; otherwise it is a question.
    """
    return _Sorter(marks, language, lexicon, is_ware).reading()


@dataclass(slots=True)
class _Collected:
    """What was found so far; heads with the positions of their marks."""

    heads: list[tuple[int, Alternatives]] = field(default_factory=list)
    conditions: list[Alternatives] = field(default_factory=list)
    excluded: list[Alternatives] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    wishes: set[str] = field(default_factory=set)
    positions: list[int] = field(default_factory=list)


class _Sorter:
    """Sorts the marks of one text."""

    def __init__(self, marks: Sequence[Mark], language: str, lexicon: Lexicon, is_ware: bool) -> None:
        self._marks = marks if is_ware else [_as_asked(marks, index) for index in range(len(marks))]
        self._language = language
        self._lexicon = lexicon
        self._is_ware = is_ware
        self._amounts = amounts_of(marks)
        self._found = _Collected()

    def reading(self) -> Reading:
        """The result."""
        is_excluded = False
        for index, mark in enumerate(self._marks):
            if index in self._amounts.used:
                continue
            if mark.first("op") == "not" and not mark.content:
                is_excluded = not self._refuses_before(index)
                continue
            is_excluded = is_excluded and not mark.follows_break
            self._sort(index, mark, is_excluded)
            if mark.content or mark.is_unknown:
                is_excluded = False
        return self._result()

    def _refuses_before(self, index: int) -> bool:
        """Exclude the category before a "not" that ends its clause while the text goes on: "a sofa no, but a chair"."""
        heads = self._found.heads
        if self._is_ware or not heads or heads[-1][0] != index - 1 or self._marks[index].follows_break:
            return False
        if index + 1 == len(self._marks) or not self._marks[index + 1].follows_break:
            return False
        self._found.excluded.append(heads.pop()[1])
        return True

    def _sort(self, index: int, mark: Mark, is_excluded: bool) -> None:
        found, content = self._found, mark.content
        if mark.is_unknown:
            if not is_excluded:
                self._add_unknown(mark)
        elif not content or (mark.first("wish") and not any(map(has_category, content))):
            found.wishes |= _concepts(mark, "wish")
            found.positions += [int(position) for position in sorted(_concepts(mark, "nth"))]
        elif is_excluded:
            found.excluded.append(content)
        elif categories := tuple(filter(has_category, content)):
            found.heads.append((index, categories))
        else:
            found.conditions.append(content)

    def _add_unknown(self, mark: Mark) -> None:
        if mark.kind is Kind.WORD:
            self._found.words.append(mark.pieces[0].folded)
        elif len(mark.text) >= _SHORTEST_RUN:
            self._found.runs.append(mark.text[:LONGEST_RUN])

    def _result(self) -> Reading:
        found = self._found
        joins = any(mark.first("op") == "or" for mark in self._marks)
        heads = self._heads(joins)
        mentioned = [at for at in range(len(found.heads)) if at not in heads]
        for at in mentioned:
            self._add_further(*found.heads[at])
        head_marks = [self._marks[found.heads[at][0]] for at in heads]
        return Reading(
            language=self._language,
            amounts=self._amounts,
            heads=tuple(found.heads[at][1] for at in heads),
            mentioned=tuple(dict.fromkeys(concept for at in mentioned for concept in _also(found.heads[at][1]))),
            conditions=tuple(dict.fromkeys(found.conditions)),
            excluded=tuple(dict.fromkeys(found.excluded)),
            words=tuple(dict.fromkeys(found.words)),
            runs=tuple(dict.fromkeys(found.runs)),
            wishes=frozenset(found.wishes),
            positions=tuple(dict.fromkeys(found.positions)),
            joins=joins,
            head_words=tuple(piece.folded for piece in head_marks[0].pieces) if len(head_marks) == 1 else (),
        )

    def _add_further(self, index: int, alternatives: Alternatives) -> None:
        """Add what a phrase means beside its category, where another one is the head: "guitar, bass"."""
        if self._is_modifier(index):
            return
        rest = [tuple(each for each in sense if kind_of(each) != "cat") for sense in alternatives]
        # A word for a ware may be a material, too: a jacket of jeans.
        others = tuple(sense for sense in self._marks[index].content if not has_category(sense))
        if others or all(rest):
            self._found.conditions.append(others or tuple(rest))

    def _heads(self, joins: bool) -> list[int]:
        """Which of the categories are the wares themselves; others only describe them."""
        found = self._found.heads
        if len(found) < 2:
            return list(range(len(found)))
        free = [at for at in range(len(found)) if not self._is_modifier(found[at][0])] or [0]
        if joins:
            return free
        return self._heads_of_compounds(free if self._is_ware else self._narrowest(free))

    def _narrowest(self, free: list[int]) -> list[int]:
        """Without the categories that another one is a kind of: "an appliance, a fridge"."""
        categories = {at: {concept for sense in self._found.heads[at][1] for concept in sense} for at in free}
        broader = {
            at: {each for concept in concepts for each in self._lexicon.with_broader(concept)} - concepts
            for at, concepts in categories.items()
        }
        return [at for at in free if not any(categories[at] <= broader[other] for other in free)]

    def _heads_of_compounds(self, free: list[int]) -> list[int]:
        """The last noun of each English compound, or the first one in other languages: "laptop backpack".

        Of a question only the first compound counts; of a ware all before a comma.
        """
        found = self._found.heads
        compounds: list[list[int]] = []
        for at in free:
            index = found[at][0]
            if compounds and found[compounds[-1][-1]][0] == index - 1 and not self._marks[index].follows_break:
                compounds[-1].append(at)
            else:
                compounds.append([at])
        heads = [compound[-1] if self._language == "en" else compound[0] for compound in compounds]
        if not self._is_ware:
            return heads[:1]
        first = found[heads[0]][0]
        return [head for head in heads if not self._has_break(first + 1, found[head][0] + 1)]

    def _has_break(self, start: int, end: int) -> bool:
        return any(mark.follows_break for mark in self._marks[start:end])

    def _is_modifier(self, index: int) -> bool:
        """Whether "for" precedes a mark, with nothing but words without meaning between them."""
        for before in range(index - 1, max(index - 4, -1), -1):
            mark = self._marks[before]
            if mark.first("op") in ("for", "with"):
                return True
            if mark.first("stop") is None or mark.content:
                return False
        return False


def _as_asked(marks: Sequence[Mark], index: int) -> Mark:
    """A mark of a question. At the end of a clause some Thai words ask that elsewhere mean something, such as silk."""
    mark = marks[index]
    is_last = index + 1 == len(marks) or marks[index + 1].kind is not Kind.RUN or marks[index + 1].follows_break
    if mark.kind is Kind.RUN and is_last and mark.first("stop") is not None:
        return replace(mark, senses=tuple(sense for sense in mark.senses if sense not in mark.content))
    return mark


def has_category(sense: Sense) -> bool:
    """Whether a sense names a category."""
    return any(kind_of(concept) == "cat" for concept in sense)


def _concepts(mark: Mark, kind: str) -> set[str]:
    return {concept.partition(":")[2] for sense in mark.senses for concept in sense if kind_of(concept) == kind}


def _also(alternatives: Alternatives) -> list[str]:
    """The categories of a mark, as those that are only mentioned."""
    return [f"also:{concept[4:]}" for sense in alternatives for concept in sense if concept.startswith("cat:")]
