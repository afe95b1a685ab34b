"""Spelling: how many slips are between two words, and which known words a misspelt one may be.

A slip is a letter too many, too few or wrong, or two neighbours exchanged (optimal string alignment).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

SHORTEST = 4  # letters; shorter words are taken as they are
TWO_SLIPS = 7  # letters from which a word may have two slips, if it begins with the right letter
MOST_KEYS = 32  # letters; of a longer word nothing is left out


def slips(first: str, second: str, most: int) -> int:
    """The number of slips between two words; `most + 1` if there are more."""
    if abs(len(first) - len(second)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(second) + 1))
    for index, letter in enumerate(first, 1):
        earlier, before, row = before, row, [index]
        for at, other in enumerate(second, 1):
            cost = min(before[at] + 1, row[at - 1] + 1, before[at - 1] + (letter != other))
            if index > 1 and at > 1 and letter == second[at - 2] and first[index - 2] == other:
                cost = min(cost, earlier[at - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]


def allowed_slips(word: str) -> int:
    """How many slips a word of this length may have."""
    return 0 if len(word) < SHORTEST else 1 if len(word) < TWO_SLIPS else 2


def is_similar(word: str, known: str) -> bool:
    """Whether a word may be a misspelling of a known one."""
    most = allowed_slips(word)
    if not most or len(known) < SHORTEST - 1:
        return False
    found = slips(word, known, most)
    return found <= 1 if word[0] != known[0] else found <= most


def keys(word: str) -> list[str]:
    """A word, and the word with each letter missing: words with one slip between them share a key."""
    if len(word) > MOST_KEYS:
        return [word]
    return list(dict.fromkeys([word, *(word[:index] + word[index + 1 :] for index in range(len(word)))]))


def best(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate with the fewest slips; among several the one with the same ends and the most alike in length."""
    most = allowed_slips(word)
    similar = [candidate for candidate in candidates if is_similar(word, candidate)]
    return min(
        similar,
        key=lambda known: (
            slips(word, known, most),
            word[0] != known[0],
            word[-1] != known[-1],
            abs(len(word) - len(known)),
            known,
        ),
        default=None,
    )


class Speller:
    """Corrects words by a list.

    Parameters:
        words: by their spelling, what `correct` returns for it.
    """

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = words
        self._letters = {word: frozenset(word) for word in words}
        self._by_key: dict[str, list[str]] = {}
        self._by_letter: dict[str, list[str]] = {}
        for word in words:
            if len(word) >= SHORTEST and word.isalpha():
                self._by_letter.setdefault(word[0], []).append(word)
                for key in keys(word):
                    self._by_key.setdefault(key, []).append(word)
        self.correct = lru_cache(maxsize=5000)(self._correct)

    def _correct(self, word: str) -> str | None:
        """What the most similar word stands for; None if none is similar."""
        if not word.isalpha() or not SHORTEST <= len(word) <= MOST_KEYS:
            return None
        near = {known for key in keys(word) for known in self._by_key.get(key, ())}
        found = best(word, near)
        if found is None and len(word) >= TWO_SLIPS:
            letters = set(word)
            # A slip changes two letters at most, which is quickly seen.
            near = {known for known in self._by_letter.get(word[0], ()) if len(letters ^ self._letters[known]) <= 4}
            found = best(word, near)
        return None if found is None else self._words[found]
