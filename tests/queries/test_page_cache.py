"""The cache in memory holds what was used last, and never more than it may."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatapp.queries.page_cache import PageCache

CAPACITY = 800
TOO_BIG = CAPACITY // 8 + 1


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 20), st.integers(0, TOO_BIG + 20))))
def test_it_behaves_like_a_list_of_the_last_used(steps: list[tuple[bool, int, int]]) -> None:
    cache: PageCache[int] = PageCache("test", CAPACITY)
    used: list[tuple[int, int]] = []  # keys and sizes, the last used at the end
    for is_put, key, size in steps:
        if is_put and size < TOO_BIG:
            cache.put(key, size, size)
            used = [entry for entry in used if entry[0] != key] + [(key, size)]
            while sum(size for _, size in used) > CAPACITY:
                used.pop(0)
        elif is_put:
            cache.put(key, size, size)
        else:
            held = [entry for entry in used if entry[0] == key]
            assert cache.get(key) == (held[0][1] if held else None)
            used = [entry for entry in used if entry[0] != key] + held
        assert (len(cache), cache.bytes_held) == (len(used), sum(size for _, size in used))


def test_one_without_room_keeps_nothing() -> None:
    cache: PageCache[str] = PageCache("test", capacity=0)
    cache.put("key", "body", 1)
    assert cache.get("key") is None


def test_what_is_cleared_is_gone() -> None:
    cache: PageCache[str] = PageCache("test", CAPACITY)
    cache.put("key", "body", 1)
    cache.clear()
    assert (cache.get("key"), cache.bytes_held) == (None, 0)
