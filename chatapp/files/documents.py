"""PDF documents: never rendered, and stored as sent, since rewriting would break digital signatures.

Therefore active content is refused: scripts, programs to start, media players, embedded files, and any action other
than a change of view that opening the document triggers.

Readers interpret malformed documents differently, so another reader could see active content that ours does not. A
document that parses without warnings is stored unchanged. Any other is rewritten from the objects that were parsed and
checked, so that nothing unchecked remains in it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pikepdf

from chatapp.files import limits
from chatapp.files.document_bytes import check_passive_bytes, check_passive_names
from chatapp.files.inspected import CONTENT, Inspected
from chatapp.files.refusals import refusal

_END = b"%%EOF"
_AFTER_END = 1024  # bytes in which readers look for the end

_ACTIVE_KEYS = {"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/XFA", "/RichMediaContent", "/RichMediaSettings"}
# Refused even on a click. `/GoToR` opens another file, which may be on a foreign server and be requested with the
# reader's credentials.
_ACTIVE_ACTIONS = {
    "/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToR", "/GoToE", "/Rendition", "/Movie",
    "/RichMediaExecute",
}  # fmt: skip
_ACTIVE_KINDS = {"/EmbeddedFile", "/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/3D"}
# Actions that are allowed without a click: they only change the view.
_PASSIVE_ACTIONS = {"/GoTo", "/SetOCGState", "/Hide", "/Trans"}


def process_document(path: Path, into: Path) -> Inspected:
    """Check that a PDF has no active content, and count its pages.

    Parameters:
        into: folder for `content`, if the document is rewritten.

    Raises:
        ChatError: `file_damaged`, `pdf_active_content`, `file_too_complex`.
        pikepdf.PikepdfError: it is damaged in another way, or needs its password to be repaired.
    """
    _check_end(path)
    check_passive_bytes(path)
    content = path
    try:
        pages = _well_formed_pages(path)
        is_readable = pages is not None
    except pikepdf.PasswordError:
        pages, is_readable = None, True
    if not is_readable:
        content = into / CONTENT
        _rewrite(path, content)
        check_passive_bytes(content)
        pages = _well_formed_pages(content)
        if pages is None:
            raise refusal("file_damaged")
    if pages == 0:
        raise refusal("file_damaged")
    return Inspected("document", "application/pdf", ".pdf", content, content.stat().st_size, None, {"pages": pages})


def _check_end(path: Path) -> None:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _AFTER_END))
        _, found, after = file.read().rpartition(_END)
    if not found or after.strip(b"\0\t\n\f\r "):
        raise refusal("file_damaged")


def _well_formed_pages(path: Path) -> int | None:
    """The number of pages; None if the document is malformed.

    Raises:
        ChatError: `pdf_active_content`, `file_too_complex`.
        pikepdf.PasswordError: it cannot be read without its password.
    """
    try:
        with _opened(path, attempt_recovery=False) as pdf:
            _check_passive(pdf)
            # An unreadable object counts as null, which is passive, but another reader may be able to read it. Warnings
            # are checked before counting pages, which adds harmless ones about missing entries.
            is_well_formed = not pdf.get_warnings()
            return len(pdf.pages) if is_well_formed else None
    except pikepdf.PasswordError:
        raise
    except pikepdf.PikepdfError:
        return None


def _rewrite(path: Path, target: Path) -> None:
    with _opened(path, attempt_recovery=True) as pdf:
        _check_passive(pdf)
        pdf.save(target)


def _opened(path: Path, *, attempt_recovery: bool) -> pikepdf.Pdf:
    return pikepdf.open(path, attempt_recovery=attempt_recovery, suppress_warnings=True, inherit_page_attributes=False)


def _check_passive(pdf: pikepdf.Pdf) -> None:
    for number, item in enumerate(pdf.objects):
        if number > limits.PDF_OBJECTS:
            raise refusal("file_too_complex")
        _check_item(item, 0)
        if isinstance(item, pikepdf.Stream) and item.get("/Type") == pikepdf.Name.ObjStm:
            check_passive_names(item.read_bytes())  # includes objects that could not be parsed


def _check_item(item: Any, depth: int) -> None:
    """Check an object and its direct children; what it references is checked as an object itself."""
    if depth > limits.PDF_DEPTH:
        raise refusal("file_too_complex")
    if isinstance(item, pikepdf.Array):
        children = list(item)
    elif isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
        children = [item[key] for key in item.keys()]  # noqa: SIM118 - iterating a stream reads its bytes
        if _is_active(item):
            raise refusal("pdf_active_content")
        _check_automatic(item)
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


def _check_automatic(item: pikepdf.Object) -> None:
    """Refuse actions triggered by opening the document, or by entering, leaving or hovering over a part of it."""
    opening, events = item.get("/OpenAction"), item.get("/AA")
    actions = [opening] if opening is not None else []
    if isinstance(events, pikepdf.Dictionary):
        actions += [events[key] for key in events.keys()]  # noqa: SIM118
    for _ in range(limits.PDF_ACTIONS):
        if not actions:
            return
        action = actions.pop()
        if not isinstance(action, pikepdf.Dictionary):
            continue  # a destination
        if str(action.get("/S")) not in _PASSIVE_ACTIONS:
            raise refusal("pdf_active_content")
        following = action.get("/Next")
        if following is not None:
            actions += list(following) if isinstance(following, pikepdf.Array) else [following]
    raise refusal("file_too_complex")
