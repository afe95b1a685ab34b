"""Live connections: frames over TCP, heartbeat, shutdown, and the delivery of events to connected users."""
