"""Rate limits of requests and socket frames."""
