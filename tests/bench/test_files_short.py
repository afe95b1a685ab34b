"""What the bench of files sends is what it says: whole, and of the size that is measured."""

from __future__ import annotations

import io

import pikepdf
from PIL import Image

from bench.files import noisy_document, noisy_picture

SIZE = 300_000


def test_noise_has_its_size_and_is_sound() -> None:
    picture, document = noisy_picture(SIZE), noisy_document(SIZE)
    for made in (picture, document):
        assert 0.9 * SIZE < len(made) <= SIZE
    with Image.open(io.BytesIO(picture)) as opened:
        opened.load()
    with pikepdf.open(io.BytesIO(document)) as opened:
        assert len(opened.pages) == 1
