"""The solvers of SciPy that the engine leans on, behind types that SciPy has not."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, ndimage

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
