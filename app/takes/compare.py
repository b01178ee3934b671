"""What tells two sounds apart: where they differ, by how much, and how loud each is."""

from dataclasses import dataclass

import numpy as np

from app.errors import SoundError
from app.sound.clip import Clip
from app.sound.loudness import loudness

_BLOCK = 1 << 16
_MEASURED_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Difference:
    """Frames counted from 0; `first` and `last` are None where the two are equal, `db` is the difference's RMS.

    `db` and `peak_db` are taken over [first, last] in dB relative to full scale; loudness is in LUFS.
    """

    length_a: int
    length_b: int
    rate: int
    first: int | None
    last: int | None
    frames: int
    db: float
    peak_db: float
    loudness_a: float
    loudness_b: float

    @property
    def equal(self) -> bool:
        """Whether the two hold the same frames and no more."""
        return self.first is None and self.length_a == self.length_b


def compare(a: Clip, b: Clip) -> Difference:
    """Compare sample by sample in the files' own number types. SoundError where rate or channels differ."""
    if a.rate != b.rate or a.channels != b.channels:
        raise SoundError(
            f"The two cannot be compared frame by frame: {a.rate} Hz × {a.channels} and {b.rate} Hz × {b.channels}.",
            "Convert one to the rate and channels of the other.",
        )
    first = last = None
    count, energy, peak = 0, 0.0, 0.0
    for start in range(0, min(a.length, b.length), _BLOCK):
        one, two = a.samples[start : start + _BLOCK], b.samples[start : start + _BLOCK]
        n = min(len(one), len(two))
        one, two = one[:n], two[:n]
        if one.dtype == two.dtype:
            differ = (one != two) & ~(_is_nan(one) & _is_nan(two))
        else:
            differ = one.astype(np.float64) * a.scale != two.astype(np.float64) * b.scale
        rows = np.flatnonzero(differ.any(axis=1))
        if not rows.size:
            continue
        first = start + int(rows[0]) if first is None else first
        last = start + int(rows[-1])
        count += int(rows.size)
        gap = np.nan_to_num(one[rows].astype(np.float64) * a.scale - two[rows].astype(np.float64) * b.scale)
        energy += float(np.sum(gap * gap))
        peak = max(peak, float(np.abs(gap).max()))
    samples = (last - first + 1) * a.channels if first is not None and last is not None else 1
    return Difference(
        length_a=a.length,
        length_b=b.length,
        rate=a.rate,
        first=first,
        last=last,
        frames=count,
        db=_db(np.sqrt(energy / samples)),
        peak_db=_db(peak),
        loudness_a=_loudness(a),
        loudness_b=_loudness(b),
    )


def _is_nan(samples: np.ndarray) -> np.ndarray:
    return np.isnan(samples) if samples.dtype.kind == "f" else np.zeros(samples.shape, np.bool_)


def _db(amplitude: float) -> float:
    return 20 * float(np.log10(amplitude)) if amplitude > 0 else float("-inf")


def _loudness(clip: Clip) -> float:
    return loudness(clip.read(0, _MEASURED_SECONDS * clip.rate), clip.rate)
