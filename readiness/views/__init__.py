"""Pages: translate a request, call one thing below, translate back."""
