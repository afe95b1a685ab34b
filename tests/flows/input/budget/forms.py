"""The worst bodies that are no JSON: forms, and chunks."""

from __future__ import annotations

from collections.abc import Iterator

from tests.flows.input.budget import shapes

BOUNDARY = "b"
FORM_TYPE = f"multipart/form-data; boundary={BOUNDARY}"
SIZE = 256 * 1024
NAME_BYTES = 7000  # of a file's name: as many as a part's headers may hold


def _part(disposition: str, content: str = "", more: str = "") -> str:
    return f"--{BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\n{more}\r\n{content}\r\n"


def _form(*parts: str) -> bytes:
    return ("".join(parts) + f"--{BOUNDARY}--\r\n").encode()


def forms(size: int = SIZE) -> Iterator[tuple[str, bytes]]:
    """Forms of so many bytes at most."""
    field = _part('name="voice"', "1")
    yield "many fields", _form(*[field] * (size // len(field)))
    file = _part('name="files"; filename="a"')
    yield "many files", _form(*[file] * (size // len(file)))
    yield "long file name", _form(_part(f'name="files"; filename="{"a" * size}"'))
    yield "file name of quotes", _form(_part('name="files"; filename="' + '\\"' * 3500 + '"'))
    for what, unit in shapes.NAMES.items():
        name = shapes.filled(unit, NAME_BYTES // len(unit.encode()))
        yield f"ten names of {what}", _form(*[_part(f'name="files"; filename="{name}"', "x")] * 10)
    pieces = "; ".join(f'filename*{number}="a"' for number in range(400))
    yield "file name in pieces", _form(_part(f'name="files"; {pieces}'))
    yield "long headers", _form(_part('name="files"; filename="a"', more=f"X: {'a' * size}\r\n"))
    yield "many headers", _form(_part('name="files"; filename="a"', more="X: a\r\n" * 1200))
    yield "boundaries that are none", _form(_part('name="files"; filename="a"', "\r\n--" * (size // 4)))
    yield "line ends", _form(_part('name="files"; filename="a"', "\r\n" * (size // 2)))
    yield "spaces behind the boundary", f"--{BOUNDARY}{' ' * 60_000}".encode()
    yield "no boundary at all", b"a" * size


def chunked(body: bytes, piece: int) -> bytes:
    """The body in chunks of so many bytes."""
    pieces = (body[at : at + piece] for at in range(0, len(body), piece))
    return b"".join(b"%x\r\n%b\r\n" % (len(one), one) for one in pieces) + b"0\r\n\r\n"


def chunks() -> Iterator[tuple[str, bytes]]:
    """Bodies with chunked transfer encoding."""
    body = b'{"content":"' + b"a" * (SIZE - 20) + b'"}'
    yield "chunks of one byte", chunked(body, 1)
    yield "chunks of 16 bytes", chunked(body, 16)
    yield "endless chunks of one byte", b"1\r\na\r\n" * 400_000
    yield "long chunk extensions", (b"1;" + b"a" * 8000 + b"\r\na\r\n") * 100 + b"0\r\n\r\n"
    yield "long trailers", b"0\r\n" + b"T: a\r\n" * 6000 + b"\r\n"
