"""Rules for texts: words and domains that are refused, held back, masked or reported."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from chatapp.text.links import find_links
from chatapp.text.word_matching import Found, PhraseFinder, Word, has_words, masked, words_of

Kind = Literal["word", "domain"]
Action = Literal["reject", "hold", "mask", "report"]
KINDS: tuple[Kind, ...] = ("word", "domain")
ACTIONS: tuple[Action, ...] = ("reject", "hold", "mask", "report")
"""What happens to a message that matches, the strictest first."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the filter.

    Attributes:
        pattern: a word or phrase, found as whole words; or a domain, found with all its subdomains.
    """

    kind: Kind
    pattern: str
    action: Action


@dataclass(frozen=True, slots=True)
class Screening:
    """What a filter says about a text.

    Attributes:
        content: the text to store: some of it may be masked.
        is_rejected: whether it is refused.
        is_held: whether a moderator must see it before it is sent.
        is_reported: whether a moderator should see it after it was sent.
        matched: the part of the text that is to blame for that; empty if nothing is.
    """

    content: str
    is_rejected: bool = False
    is_held: bool = False
    is_reported: bool = False
    matched: str = ""


class RuleFilter:
    """Screens texts by a list of rules, in time that depends on the text alone.

    Parameters:
        is_html: whether texts are HTML, whose tags are not searched.
    """

    def __init__(self, rules: Sequence[Rule], *, is_html: bool = False) -> None:
        self._is_html = is_html
        self._phrases: dict[Action, PhraseFinder] = {}
        self._domains: dict[Action, frozenset[str]] = {}
        for action in ACTIONS:
            words = [rule.pattern for rule in rules if (rule.kind, rule.action) == ("word", action)]
            domains = [rule.pattern for rule in rules if (rule.kind, rule.action) == ("domain", action)]
            if words:
                self._phrases[action] = PhraseFinder(words)
            if domains:
                self._domains[action] = frozenset(form for domain in domains for form in _forms(domain))

    def screen(self, text: str) -> Screening:
        """What the rules say about a text."""
        if not self._phrases and not self._domains:
            return Screening(text)
        words = words_of(text, is_html=self._is_html) if self._phrases else []
        hosts = _hosts(text) if self._domains and "." in text else []
        for action in ("reject", "hold"):
            if places := self._places(action, words, hosts):
                matched = text[places[0].start : places[0].end]
                return Screening(text, is_rejected=action == "reject", is_held=action == "hold", matched=matched)
        content = masked(text, self._places("mask", words, hosts))
        reported = self._places("report", words, hosts)
        matched = text[reported[0].start : reported[0].end] if reported else ""
        return Screening(content, is_reported=bool(reported), matched=matched)

    def _places(self, action: Action, words: Sequence[Word], hosts: Sequence[tuple[str, Found]]) -> list[Found]:
        places: list[Found] = []
        if action in self._phrases:
            places += self._phrases[action].find(words)
        if domains := self._domains.get(action):
            places += [place for host, place in hosts if _is_within(host, domains)]
        return places


def is_usable(rule: Rule) -> bool:
    """Whether a rule can match anything: its pattern has a word, or is a domain."""
    if rule.kind == "word":
        return has_words(rule.pattern)
    host = _normal(rule.pattern.lower())
    return ":" not in host and [urlsplit(link.url).netloc for link in find_links(f"https://{host}")] == [host]


def _hosts(text: str) -> list[tuple[str, Found]]:
    """The host of each link, and where the link is."""
    return [(_normal(urlsplit(link.url).hostname or ""), Found(link.start, link.end)) for link in find_links(text)]


def _is_within(host: str, domains: frozenset[str]) -> bool:
    while host:
        if host in domains:
            return True
        host = host.partition(".")[2]
    return False


def _normal(host: str) -> str:
    return host if host.isascii() else unicodedata.normalize("NFKC", host).casefold()


def _forms(domain: str) -> set[str]:
    """A domain as it may be written: in its own letters, and in ASCII."""
    normal = _normal(domain.lower())
    try:
        in_ascii = normal.encode("idna").decode()
        return {normal, in_ascii, in_ascii.encode().decode("idna")}
    except UnicodeError:
        return {normal}
