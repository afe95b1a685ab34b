"""The waveform of an audio file, in as many bars as a player draws."""

from __future__ import annotations

from dataclasses import dataclass

from chatapp.actions.attachments.uploading import attachment_for_download
from chatapp.auth.actor import Actor
from chatapp.errors import NotFound
from chatapp.files.waveforms import resampled


@dataclass(frozen=True, slots=True)
class Waveform:
    """Levels from 0 to 100 in the order of time, the loudest is 100; and the length of the recording in seconds."""

    attachment_id: int
    duration: float
    levels: list[int]


def load_waveform(actor: Actor, attachment_id: int, bars: int) -> Waveform:
    """The waveform of a voice message, or of another audio file.

    Parameters:
        bars: the number of levels to return, at least 1.

    Raises:
        NotFound: no such attachment for this actor; `waveform_not_found`: it is not audio.
        Forbidden: `attachment_quarantined`: it is not scanned yet.
    """
    metadata = attachment_for_download(actor, attachment_id).attachment.metadata
    if not metadata.get("waveform"):
        raise NotFound("waveform_not_found")
    return Waveform(attachment_id, metadata["duration"], resampled(metadata["waveform"], bars))
