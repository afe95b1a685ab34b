"""A wish as conditions for the index: each a `tsquery` that a ware matches or not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chatapp.catalogue.amounts import Measure
from chatapp.catalogue.lexicon import kind_of
from chatapp.catalogue.reading import Alternatives
from chatapp.catalogue.wish import Wish
from chatapp.search.stemming import stems_in_query
from chatapp.search.tokens import STEM, quoted

NOTHING = "'='"  # a token that no ware has
_SAME_KIND_JOINED = frozenset({"col", "mat", "who", "cond"})


@dataclass(frozen=True, slots=True)
class Conditions:
    """The parts of a wish, each a `tsquery`; empty where there is none.

    Attributes:
        head: the category.
        hard: must fit.
        who: for which people; dropped where no ware of the category says that.
        soft: should fit; those wares are taken that fit most of them.
        excluded: must not fit.
    """

    head: str
    hard: tuple[str, ...]
    who: str
    soft: tuple[str, ...]
    excluded: tuple[str, ...]


def conditions_of(wish: Wish, *, names: Iterable[str] = (), measures: Sequence[str] = ()) -> Conditions:
    """The conditions of a wish.

    Parameters:
        names: words of the wish that are in the title of a ware: they must fit.
        measures: all measures of wares that have a wished unit, as tokens.
    """
    known = frozenset(names)
    parts = _joined(wish.conditions) if wish.joins else [(kind_of(each[0][0]), _any(each)) for each in wish.conditions]
    hard = [text for kind, text in parts if kind not in ("who", "soft")]
    head, beside = _head(wish.heads)
    hard = [*beside, *hard, *(_of_measure(measure, measures) for measure in wish.measures)]
    hard += [f"('m:size:{size}' | 'n:{size}')" if size.isdigit() else quoted(f"m:size:{size}") for size in wish.sizes]
    hard += [of_word(word) for word in wish.words if word in known]
    soft = [text for kind, text in parts if kind == "soft"]
    soft += [of_word(word) for word in wish.words if word not in known]
    soft += [_of_run(run) for run in wish.runs]
    soft += [quoted(f"n:{number:g}") for number in wish.numbers]
    soft += map(quoted, wish.mentioned)
    return Conditions(
        head=head,
        hard=tuple(dict.fromkeys(hard)),
        who=" & ".join(text for kind, text in parts if kind == "who"),
        soft=tuple(dict.fromkeys(soft)),
        excluded=tuple(_any(each) for each in wish.excluded),
    )


def _head(heads: Sequence[Alternatives]) -> tuple[str, list[str]]:
    """The category, and what its phrase says beside it, as "corner sofa" does; with alternatives they stay together."""
    if len(heads) != 1 or len(heads[0]) != 1:
        return _or([_any(head) for head in heads]) if heads else "", []
    (sense,) = heads[0]
    return (
        " & ".join(quoted(concept) for concept in sense if kind_of(concept) == "cat"),
        [quoted(concept) for concept in sense if kind_of(concept) != "cat"],
    )


def _joined(conditions: Iterable[Alternatives]) -> list[tuple[str, str]]:
    """The conditions of a text with "or": those of one kind are alternatives, as in "black or grey"."""
    by_kind: dict[str, list[str]] = {}
    for each in conditions:
        kind = kind_of(each[0][0])
        key = kind if kind in _SAME_KIND_JOINED else f"{kind} {each}"
        by_kind.setdefault(key, []).append(_any(each))
    return [(key.partition(" ")[0], _or(texts)) for key, texts in by_kind.items()]


def _any(alternatives: Alternatives) -> str:
    return _or([" & ".join(map(quoted, sense)) for sense in alternatives])


def _or(texts: Sequence[str]) -> str:
    return (
        texts[0] if len(texts) == 1 and "&" not in texts[0] else "(" + " | ".join(f"({text})" for text in texts) + ")"
    )


def of_word(word: str) -> str:
    """The condition of a word, in any of its forms."""
    return "(" + " | ".join([quoted(word), *(quoted(STEM + stem) for stem in stems_in_query(word) if stem)]) + ")"


def _of_run(run: str) -> str:
    return "(" + " & ".join(quoted(run[index : index + 2]) for index in range(len(run) - 1)) + ")"


def _of_measure(measure: Measure, known: Iterable[str]) -> str:
    """A measure that is exact, or all known ones between its bounds."""
    if measure.low is not None and measure.low == measure.high:
        return quoted(f"m:{measure.unit}:{measure.low:g}")
    prefix = f"m:{measure.unit}:"
    values = [(token, float(token.removeprefix(prefix))) for token in known if token.startswith(prefix)]
    low, high = measure.low or 0.0, float("inf") if measure.high is None else measure.high
    fitting = [quoted(token) for token, value in values if low <= value <= high]
    return "(" + " | ".join(fitting) + ")" if fitting else NOTHING
