"""Decisions: pure functions from values to values. No Django, no I/O, no clock."""
