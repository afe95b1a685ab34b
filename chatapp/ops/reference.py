"""Sections of the documentation that are printed from the code.

A page marks such a section with two lines, and everything between them is replaced:

    <!-- printed: settings -->
    <!-- end of settings -->
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from chatapp.actions.erasure.columns import column_rows
from chatapp.edge.dialect import Dialect
from chatapp.edge.error_codes import ERROR_CODES
from chatapp.edge.http.error_handlers import status_of
from chatapp.edge.i18n.catalogue import DEFAULT_LANGUAGE, text_of_code
from chatapp.ops.monitoring.metric_rows import metric_rows
from chatapp.ops.upkeep.jobs import job_rows
from chatapp.realtime.closing import Close
from config.settings import markdown_table

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a page.

    Attributes:
        name: of its markers.
        page: path of the page below the root of the repository.
        render: returns its Markdown, with a newline at the end.
    """

    name: str
    page: str
    render: Callable[[], str]

    def replace_in(self, text: str) -> str:
        """The text of a page with this section as the code prints it now.

        Raises:
            ValueError: the page does not have both markers, in order and once.
        """
        begin, end = f"<!-- printed: {self.name} -->\n", f"<!-- end of {self.name} -->\n"
        before, found_begin, rest = text.partition(begin)
        _, found_end, after = rest.partition(end)
        if not (found_begin and found_end) or begin in after or end in after:
            raise ValueError(f"{self.page} must have the markers of the section {self.name!r} once.")
        return f"{before}{begin}\n{self.render()}\n{end}{after}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; vertical bars in its cells are escaped."""
    lines = (header, ["---"] * len(header), *rows)
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def error_table(dialects: Sequence[Dialect]) -> str:
    """Each error code as the dialects render it, its status, text and cause. Dialects that agree share a column."""
    names: dict[Callable[[str], str], str] = {}
    for dialect in dialects:
        if not dialect.blueprint_prefix:  # a mount has the codes of what it mounts
            names[dialect.error_code] = ", ".join([*filter(None, [names.get(dialect.error_code)]), dialect.name])
    rows = (
        (
            str(status_of(entry.kind)),
            *(f"`{error_code(entry.code)}`" for error_code in names),
            text_of_code(entry.code, entry.kind, DEFAULT_LANGUAGE),
            entry.when,
        )
        for entry in ERROR_CODES
    )
    return table(("status", *names.values(), "text", "cause"), rows)


def close_rows() -> list[tuple[str, ...]]:
    """Each close code of the sockets, its reason on the wire, whether to reconnect, and its cause."""
    return [(str(close.code), close.text, "yes" if close.reconnects else "no", close.meaning) for close in Close]


def sections(dialects: Sequence[Dialect]) -> tuple[Section, ...]:
    """All printed sections, of a server with these dialects."""
    return (
        Section("settings", "docs/configuration.md", markdown_table),
        Section("error codes", "docs/errors.md", lambda: error_table(dialects)),
        Section(
            "close codes", "docs/sockets.md", lambda: table(("code", "reason", "reconnect", "cause"), close_rows())
        ),
        Section("metrics", "docs/operations.md", lambda: table(("metric", "type", "labels", "meaning"), metric_rows())),
        Section("columns", "docs/privacy.md", lambda: table(("column", "erasure", "how"), column_rows())),
        Section("jobs", "docs/operations.md", lambda: table(("job", "every", "does"), job_rows())),
    )


def print_sections(dialects: Sequence[Dialect], root: Path = ROOT) -> list[str]:
    """Print every section into its page. Returns the pages that were out of date.

    Raises:
        ValueError: a page lacks the markers of its section.
        OSError: a page cannot be read or written.
    """
    stale: list[str] = []
    for section in sections(dialects):
        path = root / section.page
        text = path.read_text("utf-8")
        printed = section.replace_in(text)
        if printed != text:
            path.write_text(printed, "utf-8")
            stale.append(section.page)
    return stale
