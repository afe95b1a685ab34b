"""Generated files are valid and have the requested size."""

from __future__ import annotations

import io

import pikepdf
from PIL import Image

from bench.files import noisy_document, noisy_picture

SIZE = 300_000


def test_noise_files_are_valid_and_have_the_size() -> None:
    picture, document = noisy_picture(SIZE), noisy_document(SIZE)
    for content in (picture, document):
        assert 0.9 * SIZE < len(content) <= SIZE
    with Image.open(io.BytesIO(picture)) as opened:
        opened.load()
    with pikepdf.open(io.BytesIO(document)) as opened:
        assert len(opened.pages) == 1
