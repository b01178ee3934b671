"""The solvers of SciPy that the engine leans on, behind types that SciPy has not."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy import fft, linalg, ndimage

Series = NDArray[np.float64]


def solve_toeplitz(column: Series, right: Series) -> Series | None:
    """x of T x = right, T symmetric Toeplitz with this first column, by Levinson's recursion; None if singular.

    `right` is (n,) or (n, k) for k systems; O(n²) time, O(n) memory.
    """
    try:
        return cast("Series", linalg.solve_toeplitz(column, right, check_finite=False))
    except np.linalg.LinAlgError:
        return None


def lowest_near(series: Series, width: int) -> Series:
    """The minimum of a 1-D series over a window of odd `width` around each point."""
    return cast("Series", ndimage.minimum_filter1d(series, width, mode="nearest"))


def mean_near(series: Series, width: int) -> Series:
    """The mean of a 1-D series over a window of odd `width` around each point."""
    return cast("Series", ndimage.uniform_filter1d(series, width, mode="nearest"))


def correlated(long: NDArray[np.float32], short: NDArray[np.float32]) -> Series:
    """The dot product of the short series with the long one at every place where it lies inside it, by FFT."""
    size = int(cast("int", fft.next_fast_len(long.size, real=True)))
    # SciPy's transform keeps to 32 bits, which is twice as fast as numpy's.
    one, other = (cast("NDArray[np.complex64]", fft.rfft(each, size)) for each in (long, short))
    found = cast("NDArray[np.float32]", fft.irfft(one * np.conj(other), size))
    return found[: long.size - short.size + 1].astype(np.float64)
