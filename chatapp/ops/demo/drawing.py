"""Files of the demo: drawn landscapes as PNG, voices as Ogg. Nothing is decoded here."""

from __future__ import annotations

import io
import math
from array import array

import av
from PIL import Image, ImageChops, ImageDraw, ImageFilter

WIDTH, HEIGHT = 960, 640
_SAMPLES_PER_SECOND = 16_000
_Colour = tuple[int, int, int]

# Sky at the top and at the horizon, sun, and hills from the far ones to the near ones.
_PALETTES: tuple[tuple[_Colour, ...], ...] = (
    ((132, 182, 214), (248, 222, 190), (255, 243, 214), (143, 170, 165), (96, 138, 126), (54, 96, 84)),
    ((88, 96, 148), (245, 168, 130), (255, 224, 168), (150, 108, 128), (104, 76, 104), (62, 50, 78)),
    ((168, 206, 226), (236, 240, 232), (255, 252, 236), (170, 190, 178), (122, 158, 140), (84, 122, 96)),
)


def landscape(seed: int) -> bytes:
    """A PNG of hills below a sky; the same for the same seed."""
    top, horizon, light, *hills = _PALETTES[seed % len(_PALETTES)]
    gradient = Image.linear_gradient("L").resize((WIDTH, HEIGHT))
    picture = Image.composite(Image.new("RGB", gradient.size, horizon), Image.new("RGB", gradient.size, top), gradient)
    picture.paste(light, mask=_sun(WIDTH * (0.25 + 0.13 * (seed % 5)), HEIGHT * 0.34))
    draw = ImageDraw.Draw(picture)
    for layer, colour in enumerate(hills):
        draw.polygon([(0, HEIGHT), *_ridge(seed + layer, 0.5 + 0.15 * layer), (WIDTH, HEIGHT)], colour)
    content = io.BytesIO()
    # Drawn larger than it is stored, so that its edges are smooth.
    picture.resize((WIDTH * 3 // 4, HEIGHT * 3 // 4), Image.Resampling.LANCZOS).save(content, "PNG")
    return content.getvalue()


def _sun(x: float, y: float) -> Image.Image:
    """A mask of a disc with its glow."""
    disc, glow = Image.new("L", (WIDTH, HEIGHT)), Image.new("L", (WIDTH, HEIGHT))
    ImageDraw.Draw(disc).ellipse((x - 46, y - 46, x + 46, y + 46), fill=255)
    ImageDraw.Draw(glow).ellipse((x - 120, y - 120, x + 120, y + 120), fill=120)
    return ImageChops.lighter(disc, glow.filter(ImageFilter.GaussianBlur(60)))


def _ridge(seed: int, base: float) -> list[tuple[float, float]]:
    """The upper edge of a hill, from left to right, in pixels."""
    waves = ((0.045, 1.1 + seed % 3), (0.02, 3.7 + seed % 4), (0.008, 9.3))
    return [
        (x, HEIGHT * (base + sum(size * math.sin(count * x / WIDTH * math.tau + seed * 1.7) for size, count in waves)))
        for x in range(0, WIDTH + 4, 4)
    ]


def voice(seconds: float) -> bytes:
    """A recording that rises and falls like speech, as Opus in Ogg."""
    count = int(seconds * _SAMPLES_PER_SECOND)
    phase, samples = 0.0, array("h")
    for index in range(count):
        now = index / _SAMPLES_PER_SECOND
        phase += math.tau * (165 + 40 * math.sin(now * 2.1) + 22 * math.sin(now * 5.3)) / _SAMPLES_PER_SECOND
        syllable = max(0.0, math.sin(now * math.tau * 2.3)) ** 0.6 * (0.45 + 0.55 * math.sin(now * 1.9 + 1) ** 2)
        tone = math.sin(phase) + 0.5 * math.sin(2 * phase) + 0.25 * math.sin(3 * phase)
        samples.append(int(9_000 * syllable * tone))
    return _encoded(samples)


def _encoded(samples: array[int]) -> bytes:
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(samples))
    frame.sample_rate = _SAMPLES_PER_SECOND
    frame.planes[0].update(samples.tobytes())
    content = io.BytesIO()
    with av.open(content, "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=_SAMPLES_PER_SECOND)
        resampler = av.AudioResampler(format="s16", layout="mono", rate=_SAMPLES_PER_SECOND, frame_size=320)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return content.getvalue()
