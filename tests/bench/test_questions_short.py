"""A short run over a small shop: questions over REST and a socket are judged alike, and a missed goal is an error."""

from __future__ import annotations

from pathlib import Path

from bench.assistant.questions import questions

ITEMS = """# id | title | description | price
1 | Grey corner sofa | New. | 263 EUR
2 | Угловой диван, серый | Новый. | 25000 RUB
3 | Floor lamp, black | Dimmable. | 40 EUR
"""
QUESTIONS = """en | a grey corner sofa | cards | 1 2
en | sofa // under 255 euros | cards | 2
ru | чёрный торшер | cards | 3
ru | барабаны | none |
th | สวัสดี | greet |
"""


def test_questions_are_judged_through_a_server(tmp_path: Path) -> None:
    (tmp_path / "items.txt").write_text(ITEMS, "utf-8")
    (tmp_path / "questions.txt").write_text(QUESTIONS, "utf-8")
    (tmp_path / "questions_noisy.txt").write_text("en | a gray corner sofa | cards | 3\n", "utf-8")
    rows = questions([tmp_path], judges_time=False)
    by_name = {(row["scenario"].rpartition(", ")[2], row["language"], row["questions"]): row for row in rows}
    for way in ("rest", "socket"):
        all_rows = [row for (over, language, count), row in by_name.items() if over == way and count > 1]
        assert {row["hit_at_1"] for row in all_rows} == {100.0}
        assert {row["right_kind"] for row in all_rows} == {100.0}
        assert {row["errors"] for row in all_rows} == {0}
        assert all(row["p95_ms"] > 0 for row in all_rows)
        (with_slips,) = [row for row in rows if "noisy" in row["scenario"] and row["scenario"].endswith(way) and
                         row["language"] == "all"]  # fmt: skip
        assert (with_slips["hit_at_3"], with_slips["errors"]) == (0.0, 1)
