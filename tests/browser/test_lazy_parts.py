"""Parts of the interface that are loaded when they are first shown."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytest.importorskip("playwright")

from playwright.sync_api import Page, expect


def test_a_part_that_is_loaded_before_its_first_effect_is_shown(component: Callable[[str], Page]) -> None:
    expect(component("lazy-part").get_by_test_id("part")).to_be_visible()
