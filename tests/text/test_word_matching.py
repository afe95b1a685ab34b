"""Words and phrases in texts: whole words, whatever their case and disguise, in linear time."""

from __future__ import annotations

import pytest

from chatapp.text.word_matching import Found, PhraseFinder, has_words, masked, words_of

PHRASES = [
    "spam", "buy now", "now or never", "\u043f\u043e\u043b\u0438\u0446\u0438\u044f", "\u0e44\u0e21\u0e48\u0e14\u0e35",
    "\u5783\u573e", "na\u00efve", "pot",
]  # fmt: skip


def mask(text: str, *phrases: str, is_html: bool = False) -> str:
    """The text with what is found replaced."""
    return masked(text, PhraseFinder(phrases or PHRASES).find(words_of(text, is_html=is_html)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("spam", "***"),
        ("SPAM, Spam!", "***, ***!"),
        ("spammer antispam spams", "spammer antispam spams"),
        ("my_spam_folder", "my_***_folder"),
        ("please buy  NOW, friend", "please ***, friend"),
        ("buy it now", "buy it now"),
        ("buy now or never", "***"),  # two that overlap
        ("now or", "now or"),
        ("NAI\u0308VE na\u00efve", "*** ***"),
        ("", ""),
        ("...", "..."),
        # Characters without width, and marks that belong to no letter.
        ("s\u200bp\u00ada\u2060m", "***"),
        ("s\u0336p\u0336a\u0336m\u0336", "***"),
        # Look-alike letters, full-width and mathematical ones.
        ("sp\u0430m", "***"),
        ("\u0405P\u0430M", "***"),
        ("\uff53\uff50\uff41\uff4d", "***"),
        ("\U0001d42c\U0001d429\U0001d41a\U0001d426", "***"),
        ("\u03c1ot and \u03a1OT", "*** and ***"),
        ("\u043fo\u043b\u0438\u0446\u0438\u044f", "***"),  # a Latin o in a Cyrillic word
        ("\u0440\u043e\u0442", "\u0440\u043e\u0442"),  # Cyrillic alone: another word that looks like "pot"
        ("f\u0444o\u0436", "f\u0444o\u0436"),  # two scripts, and neither can write it
        # Scripts without spaces.
        (
            "\u0e19\u0e35\u0e48\u0e44\u0e21\u0e48\u0e14\u0e35\u0e40\u0e25\u0e22",
            "\u0e19\u0e35\u0e48***\u0e40\u0e25\u0e22",
        ),
        ("\u8fd9\u662f\u5783\u573e\u90ae\u4ef6", "\u8fd9\u662f***\u90ae\u4ef6"),
        ("\u5783 \u573e", "***"),
    ],
)
def test_what_is_found(text: str, expected: str) -> None:
    assert mask(text) == expected


def test_the_longest_phrase_at_a_place_is_found() -> None:
    assert mask("one two three four", "two", "two three", "three") == "one *** four"
    assert mask("a b c", "a b c d", "b c") == "a ***"
    assert mask("a b a b c", "a b c") == "a b ***"


def test_a_phrase_without_words_is_never_found() -> None:
    assert mask("! ...", "!", "...") == "! ..."
    assert not has_words("... _ !")
    assert has_words("\u0e44")


def test_tags_of_html_are_not_searched() -> None:
    text = '<a href="https://spam.example">spam</a> <b>strong</b>'
    assert mask(text, "spam", "b", is_html=True) == '<a href="https://spam.example">***</a> <b>strong</b>'
    assert mask("1 < 2 spam", "spam", is_html=True) == "1 < 2 ***"


def test_places_that_touch_stay_apart() -> None:
    assert masked("abcdef", [Found(2, 4), Found(0, 2), Found(3, 5)]) == "******f"


class CountingDict(dict[str, object]):
    """Counts look-ups."""

    count = 0

    def __contains__(self, key: object) -> bool:
        CountingDict.count += 1
        return super().__contains__(key)


@pytest.mark.parametrize("size", [1_000, 10_000])
def test_the_number_of_steps_depends_on_the_text_alone(size: int) -> None:
    # The worst: phrases that begin alike, and a text that almost continues each.
    finder = PhraseFinder(["a " * length + "b" for length in range(1, 40)])
    words = words_of("a " * size)
    node, seen = finder._root, set()
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if id(node) not in seen:
            seen.add(id(node))
            waiting += node.following.values()
            node.following = CountingDict(node.following)  # type: ignore[assignment]
    CountingDict.count = 0
    assert list(finder.find(words)) == []
    assert CountingDict.count <= 2 * size + 1
