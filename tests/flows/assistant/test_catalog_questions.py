"""What visitors ask in four languages is found, over real wares in a real database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.assistant.judging import Verdict, by_language, judged
from bench.assistant.question_sets import RATES_SETTING, Shop, load
from chatapp.actions import item_index
from chatapp.assistant.catalog import CatalogAdapter
from chatapp.infra.postgres import database_connection
from chatapp.models import Item
from chatapp.ops import runtime
from chatapp.transaction import unit_of_work
from config import load as load_settings
from tests.assistant.asking_visitor import Visitor
from tests.servers import ROOT, database_copy

SHOPS = ROOT / "tests" / "catalogue" / "data"
LANGUAGES = {"en", "ru", "sr", "th"}


def fill(shop: Shop) -> None:
    """Replace all items by those of a shop."""
    rows = [
        {
            "kind": "listing", "id": ware.id, "title": ware.title, "description": ware.description,
            "price": ware.price, "currency": ware.currency,
        }
        for ware in shop.wares.values()
    ]  # fmt: skip
    with unit_of_work():
        Item.delete().execute()
        Item.insert_many(rows).execute()
        item_index.write(list(Item.select()))
    with database_connection():
        Item.raw("ANALYZE item_search").execute()


@pytest.fixture(scope="module")
def bound(environment: dict[str, str], postgres_url: str) -> Iterator[None]:
    """This process bound to a database of its own, in euros."""
    with database_copy(postgres_url) as url:
        runtime.build(load_settings({**environment, "DATABASE_URL": url, "ASSISTANT_RATES": RATES_SETTING}))
        yield
        runtime.close()


def ask(shop: Shop, name: str = "questions") -> list[Verdict]:
    verdicts = [judged(question, Visitor(CatalogAdapter()), shop) for question in shop.questions[name]]
    report(f"{shop.name}, {name}", verdicts)
    return verdicts


def report(name: str, verdicts: list[Verdict]) -> None:
    print(f"\n{name}      n    hit@1    hit@3  fitting     kind")
    for language, score in by_language(verdicts).items():
        print(f"  {language:4} {score}")
    for verdict in verdicts:
        if not verdict.is_flawless:
            print("   ", verdict.note, f"{verdict.fitting}/{verdict.shown}")


def test_questions_about_500_wares(bound: None) -> None:
    shop = load(SHOPS / "wares")
    fill(shop)
    sets = ("questions", "questions_fresh", "questions_paraphrased")
    scores = by_language([verdict for name in sets for verdict in ask(shop, name)])
    assert all(scores[language].hit_at_3 >= 0.9 for language in LANGUAGES)
    assert scores["all"].hit_at_1 >= 0.88
    assert scores["all"].fitting >= 0.93
    assert scores["all"].right_kind >= 0.93
    assert by_language(ask(shop, "questions_noisy"))["all"].hit_at_3 >= 0.88


@pytest.mark.parametrize("name", ["general_shop", "second_hand"])
def test_questions_about_other_shops(bound: None, name: str) -> None:
    shop = load(SHOPS / name)
    fill(shop)
    scores = by_language(ask(shop))
    assert all(scores[language].hit_at_3 >= 0.9 for language in LANGUAGES)
