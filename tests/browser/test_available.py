"""Without a browser the other tests of this folder are not collected; this one says why."""

from __future__ import annotations

import pytest

from tests.browser.chromium import is_required, why_unavailable


def test_there_is_a_browser() -> None:
    missing = why_unavailable()
    if missing and not is_required():
        pytest.skip(missing)
    assert missing is None
