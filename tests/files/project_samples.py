"""Requests, patches and comparisons for the tests of projects."""

import numpy as np

from app.endpoints.request import Kind, Request
from app.sound.region import Region
from app.takes.take import Take

RATE = 44100


def ask(start: int = 100, end: int = 300, prompt: str = "rain") -> Request:
    return Request(
        endpoint="retake/inpaint",
        connection="local",
        kind=Kind.FILL,
        params={"prompt": prompt, "steps": 8, "strength": 1.0, "nested": {"a": [1, None]}},
        mask=Region(start, end),
        excerpt=Region(0, 500),
        rate=RATE,
        source_field="audio_url",
        seed=42,
        prompt=prompt,
        price=0.02,
    )


def patch(seed: int = 0, length: int = 200) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, (length, 2)).astype(np.float32)


def same_take(a: Take, b: Take) -> bool:
    facts = (a.id, a.number, a.parent, a.request, a.region, a.facts, a.created)
    return facts == (b.id, b.number, b.parent, b.request, b.region, b.facts, b.created) and (
        a.patch.samples.tobytes() == b.patch.samples.tobytes()
    )
