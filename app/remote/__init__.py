"""Floor 4a, the queue over HTTP: the only importer of httpx."""
