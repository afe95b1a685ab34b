"""WebSockets from handshake to close, the same in every dialect."""
