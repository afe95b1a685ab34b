"""Rules for texts: which part is found, and which action wins."""

from __future__ import annotations

import pytest

from chatapp.text.content_rules import Kind, Rule, RuleFilter, Screening, is_usable

IDN, PUNYCODE = "\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444", "xn--e1afmkfd.xn--p1ai"


def screen(text: str, *rules: tuple[Kind, str, str], is_html: bool = False) -> Screening:
    """What the rules say."""
    return RuleFilter([Rule(*rule) for rule in rules], is_html=is_html).screen(text)  # type: ignore[arg-type]


def test_without_rules_every_text_passes() -> None:
    assert screen("anything at https://example.com") == Screening("anything at https://example.com")


def test_the_strictest_action_wins() -> None:
    rules: list[tuple[Kind, str, str]] = [
        ("word", "one", "report"), ("word", "two", "mask"), ("word", "three", "hold"), ("word", "four", "reject"),
    ]  # fmt: skip
    assert screen("one", *rules) == Screening("one", is_reported=True, matched="one")
    assert screen("one two", *rules) == Screening("one ***", is_reported=True, matched="one")
    assert screen("two", *rules) == Screening("***")
    assert screen("one two three", *rules) == Screening("one two three", is_held=True, matched="three")
    assert screen("one two three four", *rules) == Screening("one two three four", is_rejected=True, matched="four")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see badshop.com", "see ***"),
        ("see https://BADSHOP.com/path?q=1 now", "see *** now"),
        ("http://user@www.badshop.com:8080/", "***"),
        ("a.b.c.badshop.com", "***"),
        ("notbadshop.com badshop.com.org", "notbadshop.com badshop.com.org"),
        ("bad example", "bad example"),
        (f"{IDN} and https://{PUNYCODE}/x", "*** and ***"),
        (IDN.upper(), "***"),
    ],
)
def test_domains_are_found_with_their_subdomains(text: str, expected: str) -> None:
    rules: list[tuple[Kind, str, str]] = [("domain", "badshop.com", "mask"), ("domain", IDN, "mask")]
    assert screen(text, *rules).content == expected
    assert screen(text, ("domain", "BadShop.Com", "mask"), ("domain", PUNYCODE, "mask")).content == expected


def test_words_of_a_link_are_words_of_the_text() -> None:
    assert screen("https://example.com/bad-offer", ("word", "bad", "mask")).content == "https://example.com/***-offer"


def test_html_keeps_its_tags() -> None:
    text = '<a href="https://example.com">strong</a>'
    assert screen(text, ("word", "strong", "mask"), ("word", "a", "mask"), is_html=True).content == (
        '<a href="https://example.com">***</a>'
    )


@pytest.mark.parametrize(
    ("kind", "pattern", "expected"),
    [
        ("word", "spam", True),
        ("word", "two words", True),
        ("word", "\u0e44\u0e21\u0e48", True),
        ("word", "?!", False),
        ("word", "", False),
        ("domain", "badshop.com", True),
        ("domain", "BadShop.Com", True),
        ("domain", IDN, True),
        ("domain", PUNYCODE, True),
        ("domain", "zip", True),
        ("domain", "https://badshop.com", False),
        ("domain", "badshop.com/path", False),
        ("domain", "badshop.com:80", False),
        ("domain", "user@badshop.com", False),
        ("domain", "bad example", False),
        ("domain", ".example", False),
        ("domain", "", False),
        ("domain", "a" * 64 + ".example", False),
    ],
)
def test_patterns_that_can_match_nothing(kind: Kind, pattern: str, expected: bool) -> None:
    assert is_usable(Rule(kind, pattern, "mask")) == expected


def test_a_domain_that_has_no_ascii_form_is_compared_as_it_is() -> None:
    newer = "\ua66e.com"  # a letter that IDNA of 2003 does not know
    assert is_usable(Rule("domain", newer, "reject"))
    assert screen(f"https://{newer}", ("domain", newer, "reject")).is_rejected
