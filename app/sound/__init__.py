"""Floor 1, the material: clips, regions, peaks and splices; numpy and DSP libraries only."""
