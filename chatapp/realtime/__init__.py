"""Live connections: from bytes on a TCP connection to frames, their heartbeat, their end, and who is connected."""
