"""HTML is reduced to a few tags: once is enough, and a preview stays valid."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from chatapp.text import sanitizing

PIECES = [
    "<b>",
    "</b>",
    "<i>",
    '<a href="https://x.example/">',
    "<a href='",
    "</a>",
    "<table>",
    "<svg>",
    "<style>",
    "<!--",
]
MARKUP = st.lists(st.text(max_size=6) | st.sampled_from([*PIECES, "&amp;", "&lt;", "&", "<", ">", '"']), max_size=12)


@given(MARKUP.map("".join))
@example('<a href="https://x.example/"><table><a href="https://x.example/">')  # one pass leaves a link in a link
def test_sanitizing_is_idempotent(written: str) -> None:
    reduced = sanitizing.reduced_html(written)
    assert sanitizing.reduced_html(reduced) == reduced


@given(MARKUP.map("".join), st.integers(2, 30))
def test_a_preview_is_valid_html_with_the_same_beginning(written: str, length: int) -> None:
    reduced = sanitizing.reduced_html(written)
    shown = sanitizing.preview_of_html(reduced, length)
    assert sanitizing.reduced_html(shown) == shown
    assert sanitizing.seen_of_html(reduced).startswith(sanitizing.seen_of_html(shown).removesuffix("…"))
