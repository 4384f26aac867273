"""Canary against control: numbers in, frozen dataclasses out. Pure, deterministic, the standard library only."""
