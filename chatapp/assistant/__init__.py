"""The shop assistant: what every kind of assistant is asked and answers (`port.py`), and the adapters that do it."""
