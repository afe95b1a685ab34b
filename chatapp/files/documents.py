"""PDF: counted, never rendered, and stored as it was sent, since a rewritten contract loses its signature.

So nothing in it may act: a document is refused for scripts, programs to start, media players, embedded files, and for
whatever but a change of the view happens by opening it.

Readers differ in what they make of a document that is not in order, so ours must not be the only one that finds it
harmless. One that is read without complaint is stored as it is. Any other is written anew from what was read of it, and
that is what was checked: what we did not see is not in it.
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
# Actions at a click, too. `/GoToR` opens another file, which may lie on another's server and be asked for with the
# reader's credentials.
_ACTIVE_ACTIONS = {
    "/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToR", "/GoToE", "/Rendition", "/Movie",
    "/RichMediaExecute",
}  # fmt: skip
_ACTIVE_KINDS = {"/EmbeddedFile", "/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/3D"}
# All that may happen without a click: another place is shown, other layers are.
_PASSIVE_ACTIONS = {"/GoTo", "/SetOCGState", "/Hide", "/Trans"}


def process_document(path: Path, into: Path) -> Inspected:
    """Count the pages of a PDF that does nothing but show them.

    Parameters:
        into: folder that takes `content`, where it is written anew.

    Raises:
        ChatError: `file_damaged`, `pdf_active_content`, `file_too_complex`.
        pikepdf.PikepdfError: it is damaged in another way, also one that cannot be repaired without its password.
    """
    _check_end(path)
    check_passive_bytes(path)
    content = path
    try:
        pages = _pages_in_order(path)
        is_readable = pages is not None
    except pikepdf.PasswordError:
        pages, is_readable = None, True
    if not is_readable:
        content = into / CONTENT
        _write_anew(path, content)
        check_passive_bytes(content)
        pages = _pages_in_order(content)
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


def _pages_in_order(path: Path) -> int | None:
    """The number of pages; None where the document is not in order.

    Raises:
        ChatError: `pdf_active_content`, `file_too_complex`.
        pikepdf.PasswordError: it cannot be read without.
    """
    try:
        with _opened(path, attempt_recovery=False) as pdf:
            _check_passive(pdf)
            # An object that cannot be read counts as null, which is passive, and another reader may read it. Counting
            # pages complains as well, of what is missing in them; that hides nothing.
            is_in_order = not pdf.get_warnings()
            return len(pdf.pages) if is_in_order else None
    except pikepdf.PasswordError:
        raise
    except pikepdf.PikepdfError:
        return None


def _write_anew(path: Path, target: Path) -> None:
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
            check_passive_names(item.read_bytes())  # of its objects, those that could not be read


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
    """Refuse what happens by opening the document, or by showing, leaving or passing over a part of it."""
    opening, events = item.get("/OpenAction"), item.get("/AA")
    actions = [opening] if opening is not None else []
    if isinstance(events, pikepdf.Dictionary):
        actions += [events[key] for key in events.keys()]  # noqa: SIM118
    for _ in range(limits.PDF_ACTIONS):
        if not actions:
            return
        action = actions.pop()
        if not isinstance(action, pikepdf.Dictionary):
            continue  # a place to be shown
        if str(action.get("/S")) not in _PASSIVE_ACTIONS:
            raise refusal("pdf_active_content")
        following = action.get("/Next")
        if following is not None:
            actions += list(following) if isinstance(following, pikepdf.Array) else [following]
    raise refusal("file_too_complex")
