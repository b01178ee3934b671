"""The bundled engine: a queue server of its own, run as a separate process."""
