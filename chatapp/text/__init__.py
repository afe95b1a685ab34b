"""Text of people: what is kept of it, and the links in it."""
