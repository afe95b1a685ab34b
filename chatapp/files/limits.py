"""Limits on files. They keep an inspector process below 1 GB of memory and 20 s of CPU time."""

from __future__ import annotations

IMAGE_PIXELS = 40_000_000  # 160 MB decoded; converting colours needs three such buffers at once
IMAGE_SIDE = 12_000  # pixels; strips of one pixel's height pass any bound on the area
IMAGE_FRAMES = 300
ANIMATION_PIXELS = 80_000_000  # of all frames: WebP of noise is written at 8 megapixels a second
LOSSLESS_PIXELS = 16_000_000  # of a WebP: its encoder takes 30 bytes for each; larger ones become lossy
PROFILE_BYTES = 4 << 20  # of an ICC profile; printers' are about 2 MB
THUMBNAIL_SIDE = 320

VIDEO_SIDE = 4096  # pixels: 4K, either way up. 16 reference frames of it are 400 MB
VIDEO_SECONDS = 3 * 3600.0
AUDIO_SECONDS = 2 * 3600.0  # is decoded completely for its waveform
VOICE_SECONDS = 15 * 60.0  # is encoded, at 200 times real time
MEDIA_STREAMS = 16
WAVEFORM_BARS = 64
WAVEFORM_TOP = 100  # the loudest bar

PDF_OBJECTS = 300_000
PDF_DEPTH = 64  # arrays and dictionaries within each other
PDF_ACTIONS = 1000  # in a chain that opening a document triggers; a chain may also be a cycle
PDF_OBJECT_STREAM_BYTES = 256 << 20  # of all of a document, inflated

RESULT_BYTES = 512 << 20  # of one result: five times the largest upload
