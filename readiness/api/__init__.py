"""The REST API: translate, call one thing below, translate back. Never redirects; errors are problem+json."""
