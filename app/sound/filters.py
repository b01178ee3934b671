"""What the sound room asks of SciPy, which has no types of its own, behind functions that have.

SciPy is imported at the first call: it takes a second, and the window is drawn before anything is filtered.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from typing import cast

import numpy as np
from numpy.typing import NDArray


def filtered(b: NDArray[np.float64], a: NDArray[np.float64], series: NDArray[np.float64]) -> NDArray[np.float64]:
    """The series, along its first axis, through the filter b / a that starts from rest."""
    from scipy import signal

    return cast("NDArray[np.float64]", signal.lfilter(b, a, series, axis=0))


def filtered_on(
    b: NDArray[np.float64], a: NDArray[np.float64], series: NDArray[np.float64], state: NDArray[np.float64]
) -> NDArray[np.float64]:
    """A 1-D series through the filter b / a that starts from `state` (direct form II transposed)."""
    from scipy import signal

    result, _ = cast("tuple[NDArray[np.float64], object]", signal.lfilter(b, a, series, zi=state))
    return result


def fast_length(n: int) -> int:
    """The next length from n on that a Fourier transform is quick at."""
    from scipy import fft

    return int(cast("int", fft.next_fast_len(n, real=True)))


def transformed(frames: NDArray[np.float32]) -> NDArray[np.complex64]:
    """The Fourier transform of real numbers along the last axis, in 32 bits; `frames` are overwritten.

    SciPy's transforms several rows at a time and is twice as fast as numpy's.
    """
    from scipy import fft

    return cast("NDArray[np.complex64]", fft.rfft(frames, axis=-1, overwrite_x=True))
