"""Whatever the documentation refers to exists: files, headings, tests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.examples import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\]\((?!https?://)([^)\s#]*)(#[^)\s]+)?\)")
# A path in backticks: `tests/…`, `docs/…`; or one of chatapp's own rooms, `queries/pages.py`.
PATH = re.compile(r"`([a-z_./]+/[a-z_]*(?:\.(?:py|md|sh|toml|txt))?)[ `]")
ROOMS = (ROOT, ROOT / "chatapp")
CREATED = (".reports/", ".data/", "web/dist", "web/node_modules")  # by commands, not part of the repository


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {"#" + re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target, anchor in LINK.findall(page.read_text("utf-8")):
        linked = (page.parent / target) if target else page
        assert linked.exists(), f"{page.name} links to {target}"
        assert not anchor or anchor in anchors(linked), f"{page.name} links to {target}{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_named_files_exist(page: Path) -> None:
    named = {path for path in PATH.findall(page.read_text("utf-8")) if not path.startswith(("/", ".", *CREATED))}
    missing = {path for path in named if not any((room / path).exists() for room in ROOMS)}
    assert missing == set()
