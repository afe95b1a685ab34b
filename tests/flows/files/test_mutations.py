"""Files with wrong bytes in them are stored or refused; none is a defect, none ends a child."""

from __future__ import annotations

import logging
import random
from pathlib import Path

import pytest

from chatapp.errors import ChatError
from chatapp.files.refusals import CODES
from tests.files.conftest import Inspect
from tests.files.corpus import CASES, Case

ROUNDS = 4  # a file
GOOD = [case for case in CASES if case.expected not in CODES and "cut" not in case.name]


def mutated(content: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, taken out or put in; the first 300, where the structure is, as often as all others."""
    file = bytearray(content)
    for _ in range(chance.choice((1, 2, 5, 20))):
        at = chance.randrange(min(len(file), chance.choice((300, len(file)))))
        length = chance.randrange(1, 9)
        kind = chance.random()
        if kind < 0.6:
            file[at] ^= 1 << chance.randrange(8)
        elif kind < 0.8:
            file[at : at + length] = b""
        else:
            file[at:at] = chance.randbytes(length)
    return bytes(file)


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.name)
def test_wrong_bytes_are_no_defect(
    case: Case, inspects: Inspect, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    content = case.make(tmp_path)
    chance = random.Random(case.name)
    for _ in range(ROUNDS):
        try:
            inspects(mutated(content, chance), voice=case.voice)
        except ChatError as refused:
            assert refused.code in CODES
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == []
