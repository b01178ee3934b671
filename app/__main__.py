"""`python -m app` and the `retake` command."""
