"""My own settings of a chat and my draft in it. No I/O. Input may arrive twice, late and in any order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

NAMES = ("is_archived", "is_muted", "muted_until", "is_pinned", "snoozed_until", "is_marked_unread")


@dataclass(slots=True)
class OwnSettings:
    """The settings and the draft with the largest version, and what has ended them since.

    Attributes:
        version, seq: of the settings; a message with a larger `seq` ends the archive and the snooze.
        draft_version, draft_seq: of the draft; it is void once I have sent a message with a larger `seq`.
        draft: its text, of a long one perhaps only the beginning; empty if there is none.
        is_draft_cut: whether `draft` is only the beginning.
    """

    version: int = -1
    seq: int = 0
    values: dict[str, Any] = field(default_factory=dict)
    draft_version: int = -1
    draft_seq: int = 0
    draft: str = ""
    is_draft_cut: bool = False

    def put(self, values: dict[str, Any], version: int, seq: int) -> bool:
        """Apply settings; returns whether they are news. Of two copies with one version, the one with more messages."""
        if (version, seq) < (self.version, self.seq):
            return False
        chosen = {name: values[name] for name in NAMES}
        is_new = chosen != self.values
        self.values, self.version, self.seq = chosen, version, seq
        return is_new

    def put_draft(self, content: str, version: int, seq: int, *, is_cut: bool = False) -> bool:
        """Apply a draft; returns whether it is news."""
        if (version, seq) < (self.draft_version, self.draft_seq):
            if version == self.draft_version and self.is_draft_cut and content.startswith(self.draft):
                self.draft, self.is_draft_cut = content, is_cut  # the same draft, and more of it
            return False
        if is_cut and self.draft_version == version and self.draft.startswith(content):
            content, is_cut = self.draft, self.is_draft_cut  # a list shows the beginning of what is known
        is_new = content != self.draft
        self.draft, self.is_draft_cut, self.draft_version, self.draft_seq = content, is_cut, version, seq
        return is_new

    def put_summary(self, summary: dict[str, Any]) -> None:
        """Apply an entry of the chat list; those of an older server contain no version."""
        if "settings_version" not in summary:
            return
        version, seq, draft = summary["settings_version"], summary["seq"], summary["draft"]
        self.put(summary, version, seq)
        if draft is None:
            self.put_draft("", version, seq)
        else:
            self.put_draft(draft["content"], version, seq, is_cut=draft["is_cut"])

    def current(self, last_seq: int, sent_seq: int) -> dict[str, Any]:
        """The settings and the draft after these messages.

        Parameters:
            last_seq: of the chat.
            sent_seq: of my last message.
        """
        ended = {"is_archived": False, "snoozed_until": None} if last_seq > self.seq else {}
        read = {"is_marked_unread": False} if sent_seq > self.seq else {}
        return {**self.values, **ended, **read, "draft": self.draft if sent_seq <= self.draft_seq else ""}
