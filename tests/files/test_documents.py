"""Which documents are stored as they were sent, and what becomes of those that are not in order."""

from __future__ import annotations

from collections.abc import Callable

import pikepdf
import pytest

from tests.files import making_documents as documents
from tests.files.conftest import Inspect

IN_ORDER: dict[str, Callable[[], bytes]] = {
    "plain": documents.pdf,
    "compressed": lambda: documents.pdf(1, object_stream_mode=pikepdf.ObjectStreamMode.generate),
    "changed once": lambda: documents.changed(10),
    "something missing in a page": documents.sloppy,
    "behind a password": documents.encrypted,
}
OUT_OF_ORDER: dict[str, Callable[[], bytes]] = {
    "table elsewhere": documents.misplaced,
    "wrong length": documents.wrong_length,
    "an action that cannot be read": lambda: documents.unreadable(b"/S /URI /URI (http://evil.example)"),
    "the same, compressed": lambda: documents.unreadable(b"/S /URI /URI (http://evil.example)", compressed=True),
    "an object that no table lists": lambda: documents.unlisted(b"<< /S /URI /URI (http://evil.example) >>").replace(
        b"startxref\n", b"startxref\n1"
    ),
}


@pytest.mark.parametrize("name", IN_ORDER)
def test_a_document_in_order_stays_as_it_is(name: str, inspects: Inspect) -> None:
    """Or its signature would be lost."""
    sent = IN_ORDER[name]()
    assert inspects(sent).content.read_bytes() == sent


@pytest.mark.parametrize("name", OUT_OF_ORDER)
def test_one_that_is_not_is_written_anew(name: str, inspects: Inspect) -> None:
    """Every reader then sees the document that was checked: what could not be read is not in it."""
    sent = OUT_OF_ORDER[name]()
    stored = inspects(sent)
    content = stored.content.read_bytes()
    assert content != sent and stored.size == len(content)
    with pikepdf.open(stored.content, attempt_recovery=False) as document:
        assert len(document.pages) == stored.metadata["pages"] >= 1
        assert all("evil" not in str(item.unparse()) for item in document.objects if isinstance(item, pikepdf.Object))
        assert not document.get_warnings()
    assert b"evil" not in content
