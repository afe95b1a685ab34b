"""Documents for the corpus."""

from __future__ import annotations

import os
import struct
import zlib
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name


def pdf(pages: int = 2, **options: Any) -> bytes:
    """Empty pages."""
    with pikepdf.new() as document:
        return _saved(_with_pages(document, pages), **options)


def padded_pdf(size: int) -> bytes:
    """A page, and so many bytes that cannot be compressed."""
    with pikepdf.new() as document:
        _with_pages(document, 1).Root.Padding = document.make_stream(os.urandom(size))
        return _saved(document)


def pdf_with(place: str, action: dict[str, Any]) -> bytes:
    """A page, and something that acts.

    Parameters:
        place: `open` (with the document), `page` (with a page), `annotation` (at a click), `names` (by name), `nested`
            (in a chain of actions), `event` (of the document).
        action: the dictionary.
    """
    with pikepdf.new() as document:
        _with_pages(document, 1)
        acting = Dictionary(action)
        if place == "open":
            document.Root.OpenAction = acting
        elif place == "event":
            document.Root.AA = Dictionary(WC=document.make_indirect(acting))
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


def sloppy() -> bytes:
    """A document whose page does not say what it needs, as of many programs: nothing."""
    return pdf(1).replace(b"/Resources << >>", b"                ")


def pdf_of_size(size: int) -> bytes:
    """A page whose content is so many bytes of noise, and cannot be made smaller."""
    with pikepdf.new() as document:
        _with_pages(document, 1)
        document.pages[0].Contents = document.make_stream(os.urandom(size))
        return _saved(document)


def titled(title: str) -> bytes:
    """A page of a document with a title."""
    with pikepdf.new() as document:
        document.docinfo["/Title"] = title
        return _saved(_with_pages(document, 1))


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


def unreadable(action: bytes, *, nested: int = 600, compressed: bool = False) -> bytes:
    """A document that opens with an action in an object which is nested too deeply for qpdf, but not for every reader.

    Parameters:
        action: further entries of the dictionary.
        compressed: the object lies in a stream of objects.
    """
    acting = b"<< " + action + b" /Z " + b"[" * nested + b"]" * nested + b" >>"
    if compressed:
        return _updated({8: b"<< /Type /Catalog /Pages 2 0 R /OpenAction 10 0 R >>", 10: acting}, compressed=True)
    return _updated({8: b"<< /Type /Catalog /Pages 2 0 R /OpenAction 9 0 R >>", 9: acting})


def unlisted(content: bytes) -> bytes:
    """A document with a stream of objects that no table lists: only a reader that repairs it would find them."""
    packed = zlib.compress(b"10 0 " + content)
    stream = b"%d 0 obj\n<< /Type /ObjStm /N 1 /First 5 /Filter /FlateDecode /Length %d >>\nstream\n" % (
        11,
        len(packed),
    )
    begin, end = pdf(1).split(b"xref\n", 1)
    added = stream + packed + b"\nendstream\nendobj\n"
    moved = len(begin) + len(added)
    table, _, _ = end.rpartition(b"startxref")
    return begin + added + b"xref\n" + table + b"startxref\n%d\n%%%%EOF\n" % moved


def misplaced() -> bytes:
    """A document as some programs write it: the table is not where it is said to be."""
    text, _, _ = pdf(2).rpartition(b"startxref")
    return text + b"startxref\n%d\n%%%%EOF\n" % (text.rindex(b"xref") + 3)


def wrong_length() -> bytes:
    """A document whose page says that its content is longer than it is."""
    return pdf(1).replace(b"/Length 0", b"/Length 7")


def _updated(objects: dict[int, bytes], *, compressed: bool = False) -> bytes:
    """A document that was changed once: these objects are new, the first of them is its catalogue."""
    text = pdf(1)
    before = int(text.rpartition(b"startxref")[2].split()[0])
    root = next(iter(objects))
    if compressed:
        return text + _cross_reference_stream(objects, len(text), root, before)
    body, table = b"", b""
    for number, content in objects.items():
        table += b"%d 1\n%010d 00000 n \n" % (number, len(text) + len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    trailer = b"trailer\n<< /Size 12 /Root %d 0 R /Prev %d >>\n" % (root, before)
    return text + body + b"xref\n" + table + trailer + b"startxref\n%d\n%%%%EOF\n" % (len(text) + len(body))


def _cross_reference_stream(objects: dict[int, bytes], at: int, root: int, before: int) -> bytes:
    """Objects in a stream of their own, number 11, and the table that says so, number 12."""
    heads, bodies = b"", b""
    for number, content in objects.items():
        heads += b"%d %d " % (number, len(bodies))
        bodies += content + b" "
    packed = zlib.compress(heads + bodies)
    described = b"/Type /ObjStm /N %d /First %d /Filter /FlateDecode" % (len(objects), len(heads))
    stream = b"11 0 obj\n<< %s /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (described, len(packed), packed)
    entries = [struct.pack(">BIB", 2, 11, index) for index in range(len(objects))]
    entries += [struct.pack(">BIB", 1, at, 0), struct.pack(">BIB", 1, at + len(stream), 0)]
    index = b" ".join(b"%d 1" % number for number in [*objects, 11, 12])
    table = zlib.compress(b"".join(entries))
    head = b"/Type /XRef /W [1 4 1] /Index [%s] /Size 13 /Root %d 0 R /Prev %d" % (index, root, before)
    listed = b"12 0 obj\n<< %s /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (
        head,
        len(table),
        table,
    )
    return stream + listed + b"startxref\n%d\n%%%%EOF\n" % (at + len(stream))


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
