"""The language of an answer: the lookup of RFC 4647 over the languages that there are."""

from __future__ import annotations

import pytest
from flask import Flask

from chatapp.edge.i18n.negotiation import MAX_HEADER, preferred


def negotiated(header: str | None) -> str:
    headers = {} if header is None else {"Accept-Language": header}
    with Flask(__name__).test_request_context(headers=headers):
        return preferred()


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("*", "en"),
        ("xx", "en"),
        ("en-GB", "en"),
        ("RU", "ru"),
        ("ru-Cyrl-RU", "ru"),
        ("th-TH-u-nu-thai", "th"),
        ("th-x-private", "th"),
        ("sr", "sr-Latn"),
        ("sr-RS", "sr-Latn"),
        ("sr-Latn", "sr-Latn"),
        ("sr-latn-rs", "sr-Latn"),
        ("sr-Cyrl", "sr-Cyrl"),
        ("sr-Cyrl-ME", "sr-Cyrl"),
        ("rus", "en"),
        ("sr-Cyr", "sr-Latn"),
        ("xx, ru;q=0.7, en;q=0.3", "ru"),
        ("en;q=0.3, ru;q=0.7", "ru"),
        ("ru;q=0, th;q=0.1", "th"),
        ("*, th;q=0.5", "th"),
        ("-", "en"),
        ("x", "en"),
        ("--ru", "en"),
        (";;=,q", "en"),
    ],
)
def test_a_header_is_negotiated(header: str | None, language: str) -> None:
    assert negotiated(header) == language


def test_only_the_beginning_of_a_long_header_is_read() -> None:
    filler = "xx," * (MAX_HEADER // 3 + 1)
    assert negotiated("ru," + filler) == "ru"
    assert negotiated(filler + "ru") == "en"


def test_an_entry_that_is_cut_is_not_read() -> None:
    start = "x" * (MAX_HEADER - 3)
    assert negotiated(f"{start},ru") == "ru"
    assert negotiated(f"{start},ru-XX") == "en"
