"""Spellings of identifiers."""

from __future__ import annotations

import pytest

from chatapp.text.casing import camel_case


@pytest.mark.parametrize(
    ("name", "shown"),
    [("pages", "pages"), ("dominant_color", "dominantColor"), ("email_not_verified", "emailNotVerified"), ("", "")],
)
def test_snake_case_becomes_camel_case(name: str, shown: str) -> None:
    assert camel_case(name) == shown
