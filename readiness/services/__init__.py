"""Writes: one use case a function; the row and its audit entry in one transaction."""
