"""Management commands and the supervised stack."""
