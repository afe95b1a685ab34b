"""What an erasure does where there is a choice (ERASE_CONTENT, ERASE_EVIDENCE)."""

from __future__ import annotations

from typing import NamedTuple

from chatapp.infra.bound import Bound

ANONYMISE, REMOVE = "anonymise", "remove"
ERASE, KEEP = "erase", "keep"


class Policy(NamedTuple):
    """The choices. An erasure keeps those that were set when it was requested.

    Attributes:
        content: `anonymise`: texts that the user sent stay, without their author; `remove`: they are deleted.
        evidence: `keep`: messages in reports to moderators stay until the reports are deleted.
    """

    content: str
    evidence: str

    @property
    def removes_texts(self) -> bool:
        """Whether the texts that the user sent are deleted."""
        return self.content == REMOVE

    @property
    def keeps_evidence(self) -> bool:
        """Whether reports keep what they froze."""
        return self.evidence == KEEP


policy = Bound("The policy of erasures", lambda settings: Policy(settings.erase_content, settings.erase_evidence))
