"""What surrounds the application: the two commands, the supervised stack and the search for services."""
