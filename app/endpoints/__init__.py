"""Floor 2, what can be asked: fields read from schemas, roles, requests."""
