"""What a process knows of the shop follows from its settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatapp.errors import Misconfigured
from chatapp.queries.shop import Shop, shop
from config import load


@pytest.fixture
def bind(environment: dict[str, str]) -> object:
    """Binds the shop of some settings, and returns it."""

    def bind(**changed: str) -> Shop:
        shop.bind(load({**environment, **changed}))
        return shop()

    return bind


def test_rates(bind) -> None:  # type: ignore[no-untyped-def]
    found = bind(ASSISTANT_CURRENCY="USD", ASSISTANT_RATES="EUR=0.5, RUB=80")
    assert found.rates.in_base(10, "EUR") == 20
    assert found.version != bind().version


def test_lines_of_the_operator(bind, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    own = tmp_path / "own.txt"
    own.write_text("cat:tatami | tatami | татами | tatami | ทาทามิ\n", "utf-8")
    found = bind(ASSISTANT_LEXICON=str(own))
    assert found.reader.read("татами", "ru").heads == ((("cat:tatami",),),)
    assert found.version != bind().version


def test_a_wrong_file_is_named_at_the_start(bind, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    own = tmp_path / "own.txt"
    own.write_text("tatami\n", "utf-8")
    with pytest.raises(Misconfigured, match=r"ASSISTANT_LEXICON: .*own\.txt, line 1"):
        bind(ASSISTANT_LEXICON=str(own))
