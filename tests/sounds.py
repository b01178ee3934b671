"""Sound that the tests make themselves, the same at every run."""

import numpy as np

from app.sound.clip import Clip


def make_music(seconds: float = 6.0, rate: int = 44100, channels: int = 2, seed: int = 7) -> Clip:
    """A clip with notes on a beat over a noise floor; the same for the same arguments."""
    rng = np.random.default_rng(seed)
    n = round(seconds * rate)
    t = np.arange(n) / rate
    frames = np.zeros((n, channels))
    beat = round(rate * 0.5)
    for i, start in enumerate(range(0, n, beat)):
        note = 110.0 * 2 ** ((0, 3, 7, 10, 12, 7, 3, 5)[i % 8] / 12)
        span = t[: min(beat, n - start)]
        tone = sum(np.sin(2 * np.pi * note * k * span) / k for k in range(1, 7)) * np.exp(-4 * span)
        for c in range(channels):
            frames[start : start + span.size, c] += tone * (0.16 + 0.03 * ((i + c) % 3))
    frames += rng.normal(0, 0.003, frames.shape)
    return Clip.from_frames(frames, rate)
