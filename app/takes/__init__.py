"""Floor 3, what came of it: takes, their timeline, and how they are put together."""
