"""The load: many clients in a process of their own, and what they record."""
