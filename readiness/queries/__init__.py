"""Reads: rows in, frozen values out."""
