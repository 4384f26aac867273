"""Benchmarks: ratios in one run, median latency with one client, CPU per request. Nothing is asserted about time."""
