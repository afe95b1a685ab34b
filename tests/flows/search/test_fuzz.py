"""Hostile queries: none is an error, whichever strategy executes it."""

from __future__ import annotations

import os
import random

import pytest

from chatapp.actions import sending
from chatapp.actions.chats import find_or_create_chat
from chatapp.auth.actor import Actor
from chatapp.infra.postgres import database_connection
from chatapp.queries import search, search_index
from chatapp.search.query import parse
from tests.database import Database
from tests.searching import Indexer

QUERIES = {"ci": 3000, "full": 100_000}[os.environ.get("HYPOTHESIS_PROFILE", "ci")]
PIECES = [
    '"', "-", "*", ":", "'", "\\", "&", "|", "!", "<->", "<2>", "(", ")", "%", "%s", "%(x)s", "$1", ";", "--", "/*",
    " ", " ", " ", "from:", "in:", "has:", "before:", "after:", "on:", "from:me", "has:link", "2026-11-01",
    "9999-12-31", "ъ", "ь", "่", "้", "ก", "จักรยาน", "ไหม", "велосипед", "kožna", "book", "books", "a", "\u0301",
    "\u200b", "\u202e", "😀", "👨\u200d👩\u200d👧", "ﷺ", "İ", "ß", "ŉ", "\ud7ff", "\uffff", "\U0010ffff", "a" * 300,
    "ก" * 300, "\n", "\t", "\x1b", "=u1", "=c1", "~book", ":*", "NULL", "true", "我", "日本語", "हिन्दी", "ა",
    "\u0308", "ʼ", "’",
]  # fmt: skip


def query(random: random.Random) -> str:
    parts = [random.choice(PIECES) for _ in range(random.randint(1, 25))]
    if random.random() < 0.3:
        parts.append("".join(chr(random.randint(1, 0xD7FF)) for _ in range(random.randint(1, 40))))
    return "".join(parts)[:1000]


@pytest.mark.parametrize("few", [-1, 2000], ids=["looked up", "compared"])
def test_no_query_is_an_error(core: Database, actors: list[Actor], few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_index, "FEW", few)
    alice, bob, _ = actors
    chat_id = find_or_create_chat(alice, other_id=bob.id)
    choose = random.Random(few)
    for _ in range(30):
        text = "".join(letter for letter in query(choose) if letter not in "\x00")
        sending.send_message(alice, chat_id, "x" + text)
    Indexer().run()
    for number in range(QUERIES // 2):
        text = query(choose)
        with database_connection():
            search.search(bob, parse(text), chat_id=None, by_time=bool(number % 2), limit=20, after=None)
