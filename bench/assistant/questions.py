"""`python -m bench questions`: how well the adapter `catalog` answers, and how fast, through a running server."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import requests

from bench.assistant.judging import Score, Verdict, by_language, judged
from bench.assistant.question_sets import RATES_SETTING, Question, Shop, load
from bench.assistant.wire_visitors import VISITORS
from bench.environment import ROOT, running_environment
from bench.stats import print_errors, spread

FOLDERS = tuple(ROOT / "tests" / "catalogue" / "data" / name for name in ("wares", "general_shop", "second_hand"))
SERVICE_TOKEN = "service-token-of-the-benchmarks-0123456789"
HIT_3, HIT_1, FITTING, WITH_SLIPS = 0.9, 0.88, 0.93, 0.88  # the goals
P95_MS = 50.0
SLIPS = "noisy"  # in the name of a file of questions with slips
_ALL = "all"
_SETTINGS: dict[str, Any] = {
    "SERVICE_TOKEN": SERVICE_TOKEN,
    "ASSISTANT_RATES": RATES_SETTING,
    **{f"LIMIT_{name}": "1000000/minute" for name in ("SESSIONS", "SESSIONS_DAY", "QUESTIONS", "QUESTIONS_ADDRESS")},
}


def questions(
    folders: Sequence[Path] = FOLDERS, over: Sequence[str] = tuple(VISITORS), *, judges_time: bool = True
) -> list[dict[str, Any]]:
    """Put the items of each shop into a server of its own, and ask: a row for each language of each set of questions.

    Parameters:
        folders: with shops and questions (`question_sets`).
        over: `rest` and `socket`, or one of them.
        judges_time: whether a latency above the goal counts as an error. On a busy machine it means nothing.
    """
    rows: list[dict[str, Any]] = []
    for shop in map(load, folders):
        with running_environment(**_SETTINGS) as running:
            http = requests.Session()
            http.trust_env = False
            _list_items(http, running.url, shop)
            for name, asked in shop.questions.items():
                for way in over:
                    verdicts = _ask(http, running.url, way, asked, shop)
                    rows += _rows(f"{shop.name}, {name}, {way}", verdicts, SLIPS in name, judges_time)
    return rows


def _list_items(http: requests.Session, url: str, shop: Shop) -> None:
    """Put all items, as the host's service does."""
    headers = {"Authorization": f"Bearer {SERVICE_TOKEN}"}
    for ware in shop.wares.values():
        body = {
            "title": ware.title,
            "description": ware.description,
            "price": ware.price,
            "currency": ware.currency,
        }
        http.put(
            f"{url}/api/v1/internal/items/listing/{ware.id}", json=body, headers=headers, timeout=30
        ).raise_for_status()


def _ask(http: requests.Session, url: str, way: str, asked: list[Question], shop: Shop) -> list[Verdict]:
    verdicts = []
    for question in asked:
        visitor = VISITORS[way](http, url)
        try:
            verdicts.append(judged(question, visitor, shop))
        finally:
            visitor.leaves()
    return verdicts


def _rows(name: str, verdicts: list[Verdict], has_slips: bool, judges_time: bool) -> list[dict[str, Any]]:
    for verdict in verdicts:
        if not verdict.is_flawless:
            print(f"{name}: {verdict.note} {verdict.fitting}/{verdict.shown} fit")
    rows = []
    for language, score in by_language(verdicts).items():
        chosen = [verdict for verdict in verdicts if language in (_ALL, verdict.question.language)]
        latencies = spread([seconds for verdict in chosen for seconds in verdict.seconds])
        missed = _missed(language, score, has_slips)
        if judges_time and latencies["p95_ms"] > P95_MS:
            missed.append(f"p95 is {latencies['p95_ms']} ms instead of {P95_MS:g}")
        rows.append(
            {
                "scenario": f"questions: {name}",
                "language": language,
                "questions": score.questions,
                "hit_at_1": _percent(score.hit_at_1),
                "hit_at_3": _percent(score.hit_at_3),
                "fitting": _percent(score.fitting),
                "right_kind": _percent(score.right_kind),
                **latencies,
                "errors": print_errors(f"{name}, {language}", missed),
            }
        )
    return rows


def _missed(language: str, score: Score, has_slips: bool) -> list[str]:
    """The goals that a score misses."""
    if has_slips:
        goals = {"hit@3": (score.hit_at_3, WITH_SLIPS)} if language == _ALL else {}
    elif language == _ALL:
        goals = {"hit@1": (score.hit_at_1, HIT_1), "cards that fit": (score.fitting, FITTING)}
    else:
        goals = {"hit@3": (score.hit_at_3, HIT_3)}
    return [
        f"{what}: {_percent(share)} % instead of {_percent(goal)}"
        for what, (share, goal) in goals.items()
        if share < goal
    ]


def _percent(share: float) -> float:
    return round(100 * share, 1)
