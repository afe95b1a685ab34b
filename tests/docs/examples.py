"""The commands and programs that the documentation shows, read off its pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "CONTRIBUTING.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")))
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """A fenced block. `language` is what stands behind the fence."""

    page: str
    language: str
    text: str

    @property
    def first_line(self) -> str:
        return self.text.partition("\n")[0]


def examples(*languages: str) -> list[Example]:
    """All blocks in these languages, page by page, in their order."""
    return [
        Example(page, language, text)
        for page in PAGES
        for language, text in _BLOCK.findall((ROOT / page).read_text("utf-8"))
        if language in languages
    ]
