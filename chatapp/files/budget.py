"""What one request may cost that brings files: time until it is answered, and processor time of the children.

Only processor time is held against a file. Time on the clock runs out when the machine is busy or others wait in the
queue, too; then the same request may succeed later.
"""

from __future__ import annotations

from time import monotonic

from chatapp.errors import Unavailable
from chatapp.files.refusals import refusal

ANSWER_WITHIN = 25.0  # seconds, unless FILE_TIMEOUT says otherwise
# Seconds, of all files of a request. The slowest honest file tried, 300 frames of noise, took 10; below ANSWER_WITHIN,
# so that on a machine that is not busy the verdict on a file comes before the clock runs out.
PROCESSOR_TIME = 20.0
RETRY_AFTER = 10  # seconds: the time that a few large files take


class Budget:
    """Counts from its construction. For one request, whose files are inspected one after the other."""

    def __init__(self, *, seconds: float = ANSWER_WITHIN, processor: float = PROCESSOR_TIME) -> None:
        """
        Parameters:
            seconds: until the answer, waiting included.
            processor: seconds of processor time for all files together.
        """
        self._until = monotonic() + seconds
        self._processor = processor

    def seconds(self) -> float:
        """Time that is left until the answer.

        Raises:
            Unavailable: none is left.
        """
        left = self._until - monotonic()
        if left <= 0:
            raise out_of_time()
        return left

    def processor(self) -> float:
        """Seconds of processor time that are left for further files.

        Raises:
            Invalid: `file_too_complex`: none is left.
        """
        if self._processor <= 0:
            raise refusal("file_too_complex")
        return self._processor

    def spend(self, processor: float) -> None:
        """Count the processor time, in seconds, that a file took."""
        self._processor -= max(0.0, processor)  # a child that was taken over may say anything


def out_of_time() -> Unavailable:
    """The error for a request whose files could not be inspected in time, which is not their fault."""
    return Unavailable("files", RETRY_AFTER)
