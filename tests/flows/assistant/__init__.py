"""The assistant: sessions, answers and what may go wrong with them."""
