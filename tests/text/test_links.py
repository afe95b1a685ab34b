"""Addresses are found in what people write, as people meant them, in linear time."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatapp.text.links import find_links, has_links
from tests.text.link_texts import HOSTILE, NOT_LINKS, TABLE


@pytest.mark.parametrize(("text", "expected"), [(text, list(expected)) for text, *expected in TABLE])
def test_an_address_is_found(text: str, expected: list[str]) -> None:
    assert [link.url for link in find_links(text)] == expected
    assert has_links(text)


@pytest.mark.parametrize("text", NOT_LINKS)
def test_what_is_no_address_is_left_alone(text: str) -> None:
    assert find_links(text) == []
    assert not has_links(text)


def test_a_link_tells_where_it_stands() -> None:
    text = "Смотри (Example.com/Path), там"
    (link,) = find_links(text)
    assert text[link.start : link.end] == "Example.com/Path"
    assert link.url == "https://example.com/Path"


def test_links_come_in_the_order_of_the_text() -> None:
    urls = [link.url for link in find_links("b.com https://a.com c.com http://d.com")]
    assert urls == ["https://b.com", "https://a.com", "https://c.com", "http://d.com"]


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hostile_text_costs_what_it_is_long(piece: str) -> None:
    short, long = (_seconds(piece, length) for length in (10_000, 80_000))
    # Eight times the length; quadratic would be sixty-four times. Floor: the clock's and the machine's unrest.
    assert long < max(24 * short, 0.25)


def _seconds(piece: str, length: int) -> float:
    text = (piece * length)[:length]
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        find_links(text)
        has_links(text)
        best = min(best, time.process_time() - began)
    return best


pieces = st.sampled_from([*HOSTILE, *(text for text, *_ in TABLE), " ", "\n", '"', "ไทย", "рф", "/"])
texts = st.lists(pieces | st.text(max_size=5), max_size=12).map("".join)


@given(texts)
@example("[a.com](b.com)")
@example("ก.กhttps://a.com")
def test_what_is_found_can_be_followed(text: str) -> None:
    links = find_links(text)
    assert has_links(text) == bool(links)
    end = 0
    for link in links:
        assert end <= link.start < link.end <= len(text)
        end = link.end
        assert link.url.startswith(("http://", "https://"))
        assert not set(link.url) & set(' \t\r\n"<>\\`\x00\u202e')


@given(st.from_regex(r"[a-z0-9]{1,10}(-[a-z0-9]{1,5})?\.(com|rs|рф|ไทย)(/[a-z0-9]{0,9}){0,3}", fullmatch=True))
@example("0.com")
def test_an_address_is_found_whole_in_any_sentence(address: str) -> None:
    for before, after in [("", ""), ("see ", "."), ("(", ")"), ("“", "”"), ("смотри:", ", ")]:
        if address.partition(".")[0].endswith("-"):
            return
        assert [link.url for link in find_links(f"{before}https://{address}{after}")] == [f"https://{address}"]


@given(texts)
def test_finding_again_in_what_was_found_finds_it_whole(text: str) -> None:
    for link in find_links(text):
        (again,) = find_links(link.url)
        assert again.url == link.url


def test_a_text_full_of_names_that_are_no_addresses_is_given_up() -> None:
    assert [link.url for link in find_links("a.coм " * 50 + "a.com")] == ["https://a.com"]
    assert find_links("a.coм " * 1000 + "a.com") == []
    assert len(find_links("a.com " * 1000)) == 1000
