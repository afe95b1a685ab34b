"""The part of a text that a result shows, divided into what matches and what does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chatapp.search.matching import Span

MAX_SHOWN = 240  # characters of a text around the first match: some three lines
_BEFORE = 60  # of them before it
_TO_SPACE = 20  # characters by which a cut moves to the next space
_CUT = "…"


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a text. `is_hit`: whether it matches."""

    text: str
    is_hit: bool


def fragments(text: str, spans: Sequence[Span]) -> list[Fragment]:
    """The beginning of a text, or what is around the first match, in pieces. What was cut off is an ellipsis.

    Parameters:
        spans: what matches, in order, without overlaps.
    """
    low, high = _shown(text, spans[0][0] if spans else 0)
    pieces = list(_pieces(text, spans, low, high))
    if low > 0:
        pieces = _with(Fragment(_CUT, False), pieces)
    return pieces if high == len(text) else [*pieces, Fragment(_CUT, False)]


def _with(first: Fragment, pieces: list[Fragment]) -> list[Fragment]:
    if pieces and not pieces[0].is_hit:
        return [Fragment(first.text + pieces[0].text, False), *pieces[1:]]
    return [first, *pieces]


def _shown(text: str, first_hit: int) -> Span:
    if len(text) <= MAX_SHOWN:
        return 0, len(text)
    low = max(0, min(first_hit - _BEFORE, len(text) - MAX_SHOWN))
    if low > 0:
        low = _after_space(text, low, min(low + _TO_SPACE, first_hit))
    high = min(len(text), low + MAX_SHOWN)
    return low, high


def _after_space(text: str, low: int, high: int) -> int:
    space = text.find(" ", low, high)
    return low if space < 0 else space + 1


def _pieces(text: str, spans: Sequence[Span], low: int, high: int) -> Iterator[Fragment]:
    end = low
    for start, stop in spans:
        start, stop = max(start, low), min(stop, high)
        if start >= stop:
            continue
        if start > end:
            yield Fragment(text[end:start], False)
        yield Fragment(text[start:stop], True)
        end = stop
    if end < high:
        yield Fragment(text[end:high], False)
