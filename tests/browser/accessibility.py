"""Checks pages with axe. It is injected through the debugger, so that the policy of the page stays as it is."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# A colour that is inherited changes after that of the parent, so the end of one transition may begin another.
TRANSITIONS = """async () => {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  for (let quiet = 0; quiet < 3; quiet += 1) {
    await frame();
    const running = document.getAnimations().filter((one) => one instanceof CSSTransition);
    if (running.length) quiet = 0;
    for (const one of running) one.finish();
  }
}"""


@cache
def _axe() -> str:
    import axe_playwright_python

    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")


def check_accessibility(page: Page, *, within: str = "html", without: tuple[str, ...] = ()) -> None:
    """Fail with the findings of axe on what is shown now, in the light and in the dark theme.

    Parameters:
        within: selector of the part that is checked.
        without: rules that are left out; say why where it is called.
    """
    page.evaluate(_axe())
    schemes: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
    found = []
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.evaluate(TRANSITIONS)
        found += [f"{scheme}: {finding}" for finding in _findings(page, within, without)]
    page.emulate_media(color_scheme="null", reduced_motion="null")
    assert not found, "\n".join(found)


def _findings(page: Page, within: str, without: tuple[str, ...]) -> list[str]:
    options = {
        "runOnly": {"type": "tag", "values": RULES},
        "rules": {name: {"enabled": False} for name in without},
        "resultTypes": ["violations"],
    }
    result: dict[str, Any] = page.evaluate("([selector, options]) => axe.run(selector, options)", [within, options])
    return [
        f"{violation['id']}: {violation['help']}: {node['html'][:200]} {node.get('failureSummary', '')}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]
