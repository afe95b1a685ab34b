"""Every file of the corpus becomes what it should, or is refused for the right reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatapp.errors import ChatError
from chatapp.files.refusals import CODES
from tests.files.conftest import Inspect
from tests.files.corpus import CASES, Case
from tests.files.making_pictures import SECRET


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it_becomes_what_it_should(case: Case, inspects: Inspect, tmp_path: Path) -> None:
    content = case.make(tmp_path)
    if case.expected in CODES:
        with pytest.raises(ChatError) as refused:
            inspects(content, voice=case.voice)
        assert refused.value.code == case.expected
        return
    result = inspects(content, voice=case.voice)
    assert result.content_type == case.expected
    assert result.size == result.content.stat().st_size > 0
    assert case.metadata.items() <= result.metadata.items()
    assert SECRET not in result.content.read_bytes()


def test_the_corpus_is_large_enough() -> None:
    assert len(CASES) >= 60 and len({case.name for case in CASES}) == len(CASES)
