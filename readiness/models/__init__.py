"""Storage: fields, constraints, `__str__`. No decisions."""
