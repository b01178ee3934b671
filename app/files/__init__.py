"""Floor 4b, the disk: the only importer of soundfile and av."""
