"""Sessions of the shop assistant: opening and ending them, questions, the turns that answer, hand-over, feedback."""
