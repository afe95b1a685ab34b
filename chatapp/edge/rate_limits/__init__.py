"""How much a client may ask for."""
