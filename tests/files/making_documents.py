"""Documents for the corpus."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name


def pdf(pages: int = 2, **options: Any) -> bytes:
    """Empty pages."""
    with pikepdf.new() as document:
        return _saved(_with_pages(document, pages), **options)


def pdf_with(place: str, action: dict[str, Any]) -> bytes:
    """A page, and something that acts.

    Parameters:
        place: `open` (with the document), `page` (with a page), `annotation` (at a click), `names` (by name), `nested`
            (in a chain of actions).
        action: the dictionary.
    """
    with pikepdf.new() as document:
        _with_pages(document, 1)
        acting = Dictionary(action)
        if place == "open":
            document.Root.OpenAction = acting
        elif place == "page":
            document.pages[0].obj.AA = Dictionary(O=acting)
        elif place == "annotation":
            link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=document.make_indirect(acting))
            document.pages[0].obj.Annots = Array([link])
        elif place == "names":
            document.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array(["run", acting])))
        else:
            going = Dictionary(S=Name.GoTo, D=Array([document.pages[0].obj, Name.Fit]), Next=Array([acting]))
            document.Root.OpenAction = going
        return _saved(document, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def pdf_with_attachment() -> bytes:
    """A document that carries another file."""
    with pikepdf.new() as document:
        _with_pages(document, 1)
        document.attachments["tool.exe"] = b"MZ" + bytes(100)
        return _saved(document)


def encrypted(active: bool = False) -> bytes:
    """A document that only opens with a password."""
    with pikepdf.new() as document:
        _with_pages(document, 1)
        if active:
            document.Root.OpenAction = Dictionary(S=Name.JavaScript, JS="app.alert(1)")
        lock = pikepdf.Encryption(owner="owner", user="user", R=6)
        return _saved(document, encryption=lock, object_stream_mode=pikepdf.ObjectStreamMode.disable)


def changed(depth: int) -> bytes:
    """A document that was changed once: its catalogue now holds arrays within arrays."""
    text = pdf(1)
    pages = text[text.index(b"/Pages ") : text.index(b" R", text.index(b"/Pages ")) + 2]
    return _appended(text, b"<< /Type /Catalog " + pages + b" /Deep " + b"[" * depth + b"]" * depth + b" >>")


def _appended(text: bytes, catalogue: bytes) -> bytes:
    """The document with another catalogue, written as an update."""
    table = int(text.rpartition(b"startxref")[2].split()[0])
    number = 9
    at = len(text)
    added = b"%d 0 obj\n%s\nendobj\n" % (number, catalogue)
    return (
        text + added + b"xref\n%d 1\n%010d 00000 n \n" % (number, at)
        + b"trailer\n<< /Size %d /Root %d 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n"
        % (number + 1, number, table, at + len(added))
    )  # fmt: skip


def _with_pages(document: pikepdf.Pdf, pages: int) -> pikepdf.Pdf:
    for _ in range(pages):
        document.add_blank_page(page_size=(200, 200))
    return document


def _saved(document: pikepdf.Pdf, **options: Any) -> bytes:
    target = BytesIO()
    options.setdefault("object_stream_mode", pikepdf.ObjectStreamMode.disable)
    document.save(target, **options)
    return target.getvalue()
