"""A simulated service to watch: labelled as simulated, with real metrics, real faults and a small checkout."""
