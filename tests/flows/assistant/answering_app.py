"""chatapp with an adapter that does what the visitor says: `app()` for gunicorn.

`words 20 50` says twenty words, one in 50 milliseconds. `consider 50` says nothing for as long.
`hang` says one word and then nothing.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from decimal import Decimal
from typing import Any

import gevent
from flask import Flask

from chatapp import create_app, serve
from chatapp.actions.assistant import adapters
from chatapp.actions.assistant.adapters import Answerer
from chatapp.assistant.port import (
    Cards,
    Choices,
    Delta,
    Done,
    Found,
    HandOver,
    ItemCard,
    ItemRef,
    State,
    Step,
    Turn,
)
from config import Settings, load

LAMP = ItemCard("listing", 7, "Lamp", Decimal("12.5"), "EUR")


class Shop:
    """Sells one lamp."""

    def search(self, text: str, **bounds: Any) -> Found:
        return Found((LAMP,), 1)

    def get(self, refs: Sequence[ItemRef]) -> tuple[ItemCard, ...]:
        return tuple(LAMP for ref in refs if ref == LAMP.ref)


class Obedient:
    """An adapter that follows the last line of the visitor."""

    name = "catalog"

    def answer(self, turn: Turn) -> Generator[Step, None, None]:
        said = [line.text for line in turn.history if line.role == "visitor"]
        verb, *arguments = said[-1].split()
        if verb == "words":
            count, milliseconds = map(int, arguments)
            yield State("generating")
            for number in range(count):
                yield Delta(f"w{number} ")
                gevent.sleep(milliseconds / 1000)
            yield Done("stop", wish={"words": count})
        elif verb == "cards":
            yield State("searching")
            yield Delta(f"In {turn.language}: a lamp.")
            yield Cards(turn.catalogue.search("lamp").items, 1)
            yield Choices(("cheaper", "another"))
            yield Done("stop", wish={"category": "lamp"})
        elif verb == "context":
            roles = ",".join(line.role for line in turn.history)
            shown = ",".join(str(ref.id) for ref in turn.shown)
            place = "" if turn.place is None else f"{turn.place.kind}/{turn.place.id}"
            yield Delta(f"{roles}|{turn.wish}|{shown}|{place}|{turn.language}|{turn.deadline > time.monotonic()}")
            yield Done("stop")
        elif verb == "human":
            yield HandOver("wants a human")
            yield Done("stop")
        elif verb == "hang":
            yield Delta("well ")
            gevent.sleep(3600)
        elif verb == "fail":
            yield Done("error")
        elif verb == "break":
            yield Delta("half an ")
            yield Done("timeout")
        else:
            if verb == "consider":
                gevent.sleep(int(arguments[0]) / 1000)
            yield Delta("+".join(said[-3:]))
            yield Done("stop", prompt_tokens=3, completion_tokens=2)


def build(settings: Settings) -> Answerer:
    """What answers on this server."""
    return Answerer(Obedient(), Shop())


def app() -> Flask:
    """The application."""
    import os

    adapters.answerer._build = build  # another adapter than those that ASSISTANT names
    application = create_app(load(os.environ))
    serve(application)
    return application
