"""Checks pages with axe. It is injected through the debugger, so that the policy of the page stays as it is."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@cache
def _axe() -> str:
    import axe_playwright_python

    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")


def check_accessibility(page: Page, *, within: str = "html", without: tuple[str, ...] = ()) -> None:
    """Fail with the findings of axe on what is shown now.

    Parameters:
        within: selector of the part that is checked.
        without: rules that are left out; say why where it is called.
    """
    page.evaluate(_axe())
    options = {
        "runOnly": {"type": "tag", "values": RULES},
        "rules": {name: {"enabled": False} for name in without},
        "resultTypes": ["violations"],
    }
    result: dict[str, Any] = page.evaluate("([selector, options]) => axe.run(selector, options)", [within, options])
    findings = [
        f"{violation['id']}: {violation['help']}: {node['html'][:200]} {node.get('failureSummary', '')}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]
    assert not findings, "\n".join(findings)
