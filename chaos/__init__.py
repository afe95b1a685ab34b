"""Fault injection: load from real clients, a fault, and a checker that judges the recorded history."""
