"""The budget of a request that uploads files: time until its answer, and CPU time of inspector processes.

A file is refused only for its CPU time. Wall-clock time also runs out when the machine is busy or the queue is long;
the same request may then succeed later.
"""

from __future__ import annotations

from time import monotonic

from chatapp.errors import Unavailable
from chatapp.files.refusals import refusal

ANSWER_WITHIN = 25.0  # seconds, unless FILE_TIMEOUT says otherwise
# Seconds, over all files of a request. The slowest valid file tried, 300 frames of noise, took 10. Below ANSWER_WITHIN,
# so that an idle machine decides on a file before time runs out.
PROCESSOR_TIME = 20.0
RETRY_AFTER = 10  # seconds, in which a few large files are inspected


class Budget:
    """Starts when it is constructed. For one request, whose files are inspected one after another."""

    def __init__(self, *, seconds: float = ANSWER_WITHIN, processor: float = PROCESSOR_TIME) -> None:
        """
        Parameters:
            seconds: until the answer, including waiting.
            processor: seconds of CPU time for all files together.
        """
        self._until = monotonic() + seconds
        self._processor = processor

    def seconds(self) -> float:
        """Seconds left until the answer.

        Raises:
            Unavailable: time is up.
        """
        left = self._until - monotonic()
        if left <= 0:
            raise out_of_time()
        return left

    def processor(self) -> float:
        """Seconds of CPU time left for further files.

        Raises:
            Invalid: `file_too_complex`: none are left.
        """
        if self._processor <= 0:
            raise refusal("file_too_complex")
        return self._processor

    def spend(self, processor: float) -> None:
        """Subtract the CPU time of a file, in seconds."""
        self._processor -= max(0.0, processor)  # a compromised process may report anything


def out_of_time() -> Unavailable:
    """The error for a request whose files could not be inspected in time, through no fault of theirs."""
    return Unavailable("files", RETRY_AFTER)
