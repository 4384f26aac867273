"""Reads of the outside world: one file a source of evidence."""
