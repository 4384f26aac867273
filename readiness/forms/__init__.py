"""Forms: whether something was typed and can be read. What may be done with it is decided in services and core."""
