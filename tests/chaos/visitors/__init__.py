"""Tests of the visitors in the fault kit."""
