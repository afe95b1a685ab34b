"""PDF: counted, never rendered, and stored as it was sent, since a rewritten contract loses its signature.

So nothing in it may act: a document is refused for scripts, programs to start, media players and embedded files.
A damaged one is not repaired: every reader would repair it differently, and we would have checked another document.
"""

from __future__ import annotations

import mmap
import re
from pathlib import Path
from typing import Any

import pikepdf

from chatapp.files import limits
from chatapp.files.inspected import Inspected
from chatapp.files.refusals import refusal

_END = b"%%EOF"
_AFTER_END = 1024  # bytes in which readers look for the end

_ACTIVE_KEYS = {"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/XFA", "/RichMediaContent", "/RichMediaSettings"}
_ACTIVE_ACTIONS = {
    "/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToE", "/Rendition", "/Movie", "/RichMediaExecute",
}  # fmt: skip
_ACTIVE_KINDS = {"/EmbeddedFile", "/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/3D"}
# Where a password hides the objects: names outside of streams stand as they are even then.
_ACTIVE_BYTES = re.compile(
    rb"/(JavaScript|JS|Launch|EmbeddedFiles?|XFA|RichMedia|SubmitForm|ImportData)(?![A-Za-z0-9])"
)


def process_document(path: Path) -> Inspected:
    """Count the pages of a PDF that does nothing but show them.

    Raises:
        ChatError: `file_damaged`, `pdf_active_content`, `file_too_complex`.
        pikepdf.PikepdfError: it is damaged in another way.
    """
    _check_end(path)
    pages: int | None
    try:
        with pikepdf.open(path, attempt_recovery=False, suppress_warnings=True, inherit_page_attributes=False) as pdf:
            pages = len(pdf.pages)
            _check_passive(pdf)
    except pikepdf.PasswordError:
        pages = None
        _check_passive_bytes(path)
    if pages == 0:
        raise refusal("file_damaged")
    return Inspected("document", "application/pdf", ".pdf", path, path.stat().st_size, None, {"pages": pages})


def _check_end(path: Path) -> None:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _AFTER_END))
        _, found, after = file.read().rpartition(_END)
    if not found or after.strip(b"\0\t\n\f\r "):
        raise refusal("file_damaged")


def _check_passive(pdf: pikepdf.Pdf) -> None:
    for number, item in enumerate(pdf.objects):
        if number > limits.PDF_OBJECTS:
            raise refusal("file_too_complex")
        _check_item(item, 0)


def _check_item(item: Any, depth: int) -> None:
    """Look into what an object holds directly; what it refers to is another object."""
    if depth > limits.PDF_DEPTH:
        raise refusal("file_too_complex")
    if isinstance(item, pikepdf.Array):
        children = list(item)
    elif isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
        children = [item[key] for key in item.keys()]  # noqa: SIM118 - iterating a stream reads its bytes
        if _is_active(item):
            raise refusal("pdf_active_content")
    else:
        return
    for child in children:
        if isinstance(child, pikepdf.Object) and not child.is_indirect:
            _check_item(child, depth + 1)


def _is_active(item: pikepdf.Object) -> bool:
    return (
        any(key in _ACTIVE_KEYS for key in item.keys())  # noqa: SIM118
        or str(item.get("/S")) in _ACTIVE_ACTIONS
        or str(item.get("/Type")) in _ACTIVE_KINDS
        or str(item.get("/Subtype")) in _ACTIVE_KINDS
    )


def _check_passive_bytes(path: Path) -> None:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if _ACTIVE_BYTES.search(content):
            raise refusal("pdf_active_content")
