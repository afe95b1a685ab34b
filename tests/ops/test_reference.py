"""Sections of the documentation that are printed from the code are up to date."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from chatapp.dialects import DIALECTS
from chatapp.ops.reference import Section, print_sections, sections, table
from tests.commands import Command
from tests.servers import ROOT

SECTIONS = sections(DIALECTS)


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_a_printed_section_is_up_to_date(section: Section) -> None:
    text = (ROOT / section.page).read_text("utf-8")
    assert section.replace_in(text) == text, "Run `python -m chatapp.ops reference`."


def test_a_stale_section_is_printed_again_and_the_rest_of_the_page_stays(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    page = tmp_path / SECTIONS[0].page
    current = page.read_text("utf-8")
    page.write_text(current.replace("`PORT`", "`HARBOUR`"), "utf-8")
    assert print_sections(DIALECTS, tmp_path) == [SECTIONS[0].page]
    assert page.read_text("utf-8") == current
    assert print_sections(DIALECTS, tmp_path) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<!-- printed: x -->\n",
        "<!-- end of x -->\n<!-- printed: x -->\n",
        2 * "<!-- printed: x -->\n<!-- end of x -->\n",
    ],
)
def test_a_page_without_both_markers_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="markers of the section 'x'"):
        Section("x", "docs/x.md", lambda: "").replace_in(text)


def test_cells_of_a_table_may_hold_a_bar() -> None:
    assert table(("name", "values"), [("a", "1|2")]) == "| name | values |\n| --- | --- |\n| a | 1\\|2 |\n"


def test_the_command_needs_no_configuration(ops_process: Command) -> None:
    outcome = ops_process("reference", DATABASE_URL="", REDIS_URL="", S3_ENDPOINT="")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "")
