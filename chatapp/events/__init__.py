"""Events, and the bus that carries them between workers."""
