"""What goes on after the commit, driven by the outbox."""
