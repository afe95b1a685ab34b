"""Which origins may call."""

from __future__ import annotations

import pytest

from chatapp.edge.http import origins


@pytest.mark.parametrize(
    "origin, allowed",
    [
        (None, True),
        ("https://shop.example", True),
        ("https://SHOP.example:443", True),
        ("http://chat.example", True),
        ("null", False),
        ("", False),
        ("http://shop.example", False),
        ("https://shop.example.evil", False),
        ("https://evilshop.example", False),
        ("https://shop.example:8443", False),
        ("https://shop.example@evil", False),
        ("https://shop.example/", False),
        ("https://shop.example, https://evil", False),
        ("https://shop.example\n", False),
        ("file://shop.example", False),
        ("*", False),
        ("http://chat.example.evil", False),
    ],
)
def test_origins_are_compared_whole(origin: str | None, allowed: bool) -> None:
    is_allowed = origins.is_allowed(
        origin, scheme="http", host="chat.example", allowed=("https://shop.example", "null", "*")
    )
    assert is_allowed is allowed
